// The page around the sphere: buttons, keys, the address (#yaw=180&pitch=0&hfov=90) and the line that tells the direction.
"use strict";

const element = (id) => document.getElementById(id);

function addressedView() {
  const address = new URLSearchParams(location.hash.slice(1));
  const number = (name) => Number.isFinite(parseFloat(address.get(name))) ? parseFloat(address.get(name)) : PAGE.view[name];
  return { yaw: number("yaw"), pitch: number("pitch"), hfov: number("hfov") };
}

function toggleFullscreen() {
  return document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
}

// `actions` are called by the button whose id is their name, and by `keys`.
function connectPanel(look, actions, keys) {
  const all = {
    front: () => look.flyTo(0, 0),
    seam: () => look.flyTo(180, 0),
    up: () => look.flyTo(look.view.yaw, 90),
    down: () => look.flyTo(look.view.yaw, -90),
    fullscreen: toggleFullscreen,
    hide: () => document.body.classList.toggle("hidden-panel"),
    ...actions,
  };
  const named = { 1: "front", 2: "seam", 3: "up", 4: "down", f: "fullscreen", h: "hide", ...keys };
  for (const id of Object.keys(all)) {
    const button = element(id);
    if (button?.tagName === "BUTTON") button.addEventListener("click", (event) => {
      all[id]();
      if (event.detail) look.element.focus({ preventScroll: true });  // a pointer, so that keys look around again
    });
  }
  addEventListener("keydown", (event) => {
    const action = named[event.key.toLowerCase()], { tagName } = event.target;
    if (!action || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === " " && tagName === "BUTTON") return;
    event.preventDefault();
    all[action]();
  });
  addEventListener("hashchange", () => {
    const { yaw, pitch, hfov } = addressedView();
    look.stop();
    look.set(yaw, pitch, hfov);
  });
}

function press(id, pressed) { element(id)?.setAttribute("aria-pressed", String(pressed)); }

function showHeading({ yaw, pitch }) {
  const shown = Math.round(yaw) === -180 ? 180 : Math.round(yaw) || 0;  // no -0
  const text = ` · yaw ${shown}°, pitch ${Math.round(pitch) || 0}°`;
  if (element("heading").textContent !== text) element("heading").textContent = text;
}

function showFault(text) { element("heading").textContent = ` · ${text}`; }

// Starts the window: draws whatever `scene.sphere` is, whenever something changed. The page is ready when all is drawn.
function start(scene, look, everyFrame = () => {}) {
  const frame = (now) => {
    look.step(now);
    everyFrame();
    scene.draw(look.view);
    document.body.dataset.ready = String(!scene.stale && scene.sphere.complete);
    showHeading(look.view);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function openWindow() {
  const canvas = element("view"), scene = new Scene(canvas);
  const look = new Look(canvas, { yaw: 0, pitch: 0, hfov: 100 });
  const { yaw, pitch, hfov } = addressedView();
  look.set(yaw, pitch, hfov);
  canvas.focus({ preventScroll: true });
  window.cyclorama = { scene, look, view: look.view };
  return { scene, look };
}

function fitTexture(gl, picture) {
  const most = gl.getParameter(gl.MAX_TEXTURE_SIZE);
  if (Math.max(picture.width, picture.height) <= most) return picture;
  const scale = most / Math.max(picture.width, picture.height);
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

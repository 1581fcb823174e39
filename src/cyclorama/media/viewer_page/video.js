// The page of a video: every frame that is shown becomes the texture.
"use strict";

const player = Object.assign(document.createElement("video"), { id: "player", loop: true, playsInline: true });
document.body.prepend(player);
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function showTime() {
  const { currentTime, duration } = player, whole = Number.isFinite(duration) ? duration : 0;
  element("time").textContent = `${clock(currentTime)} / ${clock(whole)}`;
  const seek = element("seek");
  seek.max = whole;
  if (!seek.matches(":active")) seek.value = currentTime;
  seek.setAttribute("aria-valuetext", `${clock(currentTime)} of ${clock(whole)}`);
}

function showState() {
  element("play").textContent = player.paused ? "Play" : "Pause";
  element("mute").textContent = player.muted || player.volume === 0 ? "Muted" : "Sound";
  press("mute", player.muted);
  press("loop", player.loop);
  element("volume").value = player.muted ? 0 : player.volume;
}

function connectPlayer(look) {
  const jump = (seconds) => { player.currentTime = clamp(player.currentTime + seconds, 0, player.duration || 0); };
  const actions = {
    play: () => player.paused ? player.play() : player.pause(),
    mute: () => { player.muted = !player.muted; },
    loop: () => { player.loop = !player.loop; showState(); },
    back: () => jump(-5),
    on: () => jump(5),
  };
  connectPanel(look, actions, { " ": "play", k: "play", m: "mute", l: "loop", ",": "back", ".": "on" });
  element("seek").addEventListener("input", (event) => { player.currentTime = Number(event.target.value); });
  element("volume").addEventListener("input", (event) => {
    player.volume = Number(event.target.value);
    player.muted = player.volume === 0;
  });
  for (const name of ["play", "pause", "volumechange", "loadedmetadata"]) player.addEventListener(name, showState);
  for (const name of ["timeupdate", "durationchange", "seeking"]) player.addEventListener(name, showTime);
  showState();
}

// Calls `upload` for every new frame, also while paused and sought.
function followFrames(upload) {
  if (!player.requestVideoFrameCallback) return () => { if (player.readyState >= 2) upload(); };
  const follow = () => { upload(); player.requestVideoFrameCallback(follow); };
  player.requestVideoFrameCallback(follow);
  return () => {};
}

async function loadVideo() {
  const say = (done) => showFault(`loading ${Math.round(done * 100)} %`);
  player.src = URL.createObjectURL(await loadBlob(PAGE.parts, PAGE.mime, say));
  await new Promise((resolve, reject) => {
    player.addEventListener("loadeddata", resolve, { once: true });
    player.addEventListener("error", () => reject(new Error("this browser cannot play the video's codec")), { once: true });
    player.load();
  });
}

async function show() {
  const { scene, look } = openWindow();
  const sphere = new Equirect(scene.gl);
  const upload = () => { sphere.upload(player, { mipmaps: false }); scene.stale = true; };
  const beforeFrame = followFrames(upload);
  await loadVideo();
  upload();
  scene.sphere = sphere;
  connectPlayer(look);
  showTime();
  start(scene, look, beforeFrame);
}

show().catch((fault) => {
  document.body.classList.add("without-webgl");
  showFault(fault.message);
  player.controls = true;
});

// Looking around: dragging, pinching, the wheel, arrow keys, turning by itself, and flights to a direction.
"use strict";

const HFOV_LIMITS = [20, 120];
const KEY_TURNS = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, 1], arrowdown: [0, -1] };
const KEY_ZOOMS = { "+": -1, "=": -1, "-": 1, "_": 1 };
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const halfTurn = (degrees) => ((degrees + 180) % 360 + 360) % 360 - 180;

class Look {
  constructor(element, view) {
    Object.assign(this, { element, view, pointers: new Map(), held: new Set(), speed: [0, 0], turning: 0, flight: null });
    element.addEventListener("pointerdown", (event) => this.grab(event));
    element.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    element.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(Math.exp(event.deltaY / 900)); }, { passive: false });
    addEventListener("keydown", (event) => this.press(event));
    addEventListener("keyup", (event) => this.held.delete(event.key.toLowerCase()));
    addEventListener("blur", () => this.held.clear());
  }
  set(yaw, pitch, hfov = this.view.hfov) {
    Object.assign(this.view, { yaw: halfTurn(yaw), pitch: clamp(pitch, -90, 90), hfov: clamp(hfov, ...HFOV_LIMITS) });
  }
  stop() { Object.assign(this, { speed: [0, 0], turning: 0, flight: null }); }
  turn(degreesPerSecond) { this.stop(); this.turning = degreesPerSecond; }
  zoom(factor) { this.set(this.view.yaw, this.view.pitch, this.view.hfov * factor); }
  // Flies there on the shorter way round.
  flyTo(yaw, pitch, hfov = 100) {
    this.stop();
    const from = { ...this.view }, by = [halfTurn(yaw - from.yaw), pitch - from.pitch, hfov - from.hfov];
    this.flight = { from, by, begin: performance.now(), duration: calm.matches ? 1 : 900 };
  }
  degreesPerPixel() { return 2 * Math.tan(this.view.hfov * Math.PI / 360) / this.element.clientWidth * 180 / Math.PI; }

  grab(event) {
    this.stop();
    this.element.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY, event.timeStamp]);
  }
  drag(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const before = this.spread();
    this.pointers.set(event.pointerId, [event.clientX, event.clientY, event.timeStamp]);
    if (this.pointers.size === 2) this.zoom(before / this.spread());
    const scale = this.degreesPerPixel() / this.pointers.size;
    const by = [(last[0] - event.clientX) * scale, (event.clientY - last[1]) * scale];
    this.set(this.view.yaw + by[0], this.view.pitch + by[1]);
    const seconds = Math.max((event.timeStamp - last[2]) / 1000, 0.004);
    this.speed = calm.matches ? [0, 0] : by.map((degrees) => clamp(degrees / seconds, -240, 240));
    this.dragged = performance.now();
  }
  spread() {
    const [a, b] = [...this.pointers.values()];
    return b ? Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1) : 1;
  }
  press(event) {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
    if (!(key in KEY_TURNS || key in KEY_ZOOMS)) return;
    event.preventDefault();
    this.stop();
    this.held.add(key);
  }

  // Moves the view on by the time since the last call.
  step(now) {
    const seconds = Math.min((now - (this.last ?? now)) / 1000, 0.1);
    this.last = now;
    if (this.flight) this.fly(now);
    for (const key of this.held) {
      const [x, y] = KEY_TURNS[key] ?? [0, 0], degrees = 0.7 * this.view.hfov * seconds;
      this.set(this.view.yaw + x * degrees, this.view.pitch + y * degrees, this.view.hfov * Math.exp((KEY_ZOOMS[key] ?? 0) * seconds));
    }
    if (this.turning) this.set(this.view.yaw + this.turning * seconds, this.view.pitch);
    if (this.pointers.size === 0) this.glide(seconds);
    else if (now - this.dragged > 60) this.speed = [0, 0];
  }
  fly(now) {
    const { from, by, begin, duration } = this.flight;
    const done = clamp((now - begin) / duration, 0, 1), eased = done * done * (3 - 2 * done);
    this.set(from.yaw + by[0] * eased, from.pitch + by[1] * eased, from.hfov + by[2] * eased);
    if (done === 1) this.flight = null;
  }
  glide(seconds) {
    if (Math.hypot(...this.speed) < 0.5) return void (this.speed = [0, 0]);
    this.set(this.view.yaw + this.speed[0] * seconds, this.view.pitch + this.speed[1] * seconds);
    this.speed = this.speed.map((degrees) => degrees * Math.exp(-5 * seconds));
  }
}

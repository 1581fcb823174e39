// Draws the sphere as a camera in its centre sees it, with WebGL 2. World: +x right, +y up, the panorama's centre is -z.
// A view is { yaw, pitch, hfov } in degrees: yaw to the right, pitch up, hfov the horizontal field of view.
// Two kinds of sphere: Equirect, one texture (a picture or a playing video), and CubeTiles, a pyramid loaded as it is seen.
"use strict";

const RADIANS = Math.PI / 180;
const BACKGROUND = [11 / 255, 12 / 255, 15 / 255];

class Camera {
  constructor(view, width, height) {
    const [sy, cy] = [Math.sin(view.yaw * RADIANS), Math.cos(view.yaw * RADIANS)];
    const [sp, cp] = [Math.sin(view.pitch * RADIANS), Math.cos(view.pitch * RADIANS)];
    this.tangent = Math.tan(view.hfov * RADIANS / 2);
    this.extent = [this.tangent, this.tangent * height / width];
    this.pixelsPerRadian = width / 2 / this.tangent;
    this.right = [cy, 0, sy];
    this.up = [-sy * sp, cp, cy * sp];
    this.ahead = [sy * cp, sp, -cy * cp];
  }
  // Columns: right, up, backwards.
  get camToWorld() { return [...this.right, ...this.up, ...this.ahead.map((x) => -x)]; }
  // Clip coordinates of a world direction: inside where |x| <= w and |y| <= w.
  project(dir) {
    const dot = (axis) => axis[0] * dir[0] + axis[1] * dir[1] + axis[2] * dir[2];
    return [dot(this.right) / this.extent[0], dot(this.up) / this.extent[1], dot(this.ahead)];
  }
  sees(corners) {
    const clipped = corners.map((corner) => this.project(corner));
    const outside = [([x, , w]) => x > w, ([x, , w]) => -x > w, ([, y, w]) => y > w, ([, y, w]) => -y > w, ([, , w]) => w <= 0];
    return !outside.some((beyond) => clipped.every(beyond));
  }
}

function buildProgram(gl, vertex, fragment) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, `#version 300 es\nprecision highp float;\n${text}`);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  const uniforms = {};
  for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
    const { name } = gl.getActiveUniform(program, i);
    uniforms[name] = gl.getUniformLocation(program, name);
  }
  return { program, uniforms };
}

function buildTexture(gl, { wrap, minify }) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, wrap);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, minify);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  return texture;
}

const WHOLE_WINDOW = `
out vec2 place;
void main() {
  place = vec2(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1.);
  gl_Position = vec4(place, 0., 1.);
}`;

// The texture repeats in x, so the seam is interpolated as any other column. Beyond the centre of the first and the last
// row a picture of the whole sphere goes on half a turn away. The level of detail follows from the angle between
// neighbouring pixels of the window, which has no jump at the seam and none at the poles.
const LOOK_UP = `
const float PI = 3.14159265358979;
uniform sampler2D picture;
uniform mat3 camToWorld;
uniform vec2 extent;
uniform vec4 region;  // left, top, width, height of the picture as fractions of the whole sphere
uniform vec3 background;
in vec2 place;
out vec4 colour;
void main() {
  vec3 dir = normalize(camToWorld * vec3(place * extent, -1.));
  vec2 size = vec2(textureSize(picture, 0));
  float footprint = max(length(dFdx(dir)), length(dFdy(dir)));
  float lod = max(0., log2(footprint * size.y / (PI * region.w)));
  vec2 whole = vec2(.5 + atan(dir.x, -dir.z) / (2. * PI), .5 - atan(dir.y, length(dir.xz)) / PI);
  vec2 at = vec2(mod(whole.x - region.x, 1.), whole.y - region.y) / region.zw;
  vec4 here = textureLod(picture, at, lod);
  float beyond = .5 - min(at.y, 1. - at.y) * size.y;
  if (region.zw == vec2(1.) && beyond > 0.) here = mix(here, textureLod(picture, at + vec2(.5, 0.), lod), beyond);
  bool inside = at.x <= 1. && at.y >= 0. && at.y <= 1.;
  colour = vec4(inside ? here.rgb : background, 1.);
}`;

class Equirect {
  constructor(gl, region = [0, 0, 1, 1]) {
    this.gl = gl;
    this.region = region;
    this.drawer = buildProgram(gl, WHOLE_WINDOW, LOOK_UP);
    this.nothing = gl.createVertexArray();
  }
  // A picture is minified through mipmaps; a video changes too often for them.
  upload(picture, { mipmaps }) {
    const gl = this.gl;
    const wrap = this.region[2] === 1 ? gl.REPEAT : gl.CLAMP_TO_EDGE;
    this.texture ??= buildTexture(gl, { wrap, minify: mipmaps ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR });
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture);
    if (mipmaps) gl.generateMipmap(gl.TEXTURE_2D);
  }
  get complete() { return Boolean(this.texture); }
  draw(camera) {
    if (!this.texture) return;
    const { gl, drawer: { program, uniforms } } = this;
    gl.useProgram(program);
    gl.bindVertexArray(this.nothing);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniformMatrix3fv(uniforms.camToWorld, false, camera.camToWorld);
    gl.uniform2fv(uniforms.extent, camera.extent);
    gl.uniform4fv(uniforms.region, this.region);
    gl.uniform3fv(uniforms.background, BACKGROUND);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}

class Scene {
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false });
    if (!this.gl) throw new Error("this browser has no WebGL 2");
    this.sphere = null;
    this.stale = true;
    new ResizeObserver(() => { this.stale = true; }).observe(canvas);
  }
  // Draws where anything changed since the last call.
  draw(view) {
    const { gl, canvas } = this;
    const seen = JSON.stringify([view.yaw, view.pitch, view.hfov]);
    if (!this.sphere || (!this.stale && seen === this.seen)) return;
    [this.stale, this.seen] = [false, seen];
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(...BACKGROUND, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.sphere.draw(new Camera(view, canvas.width, canvas.height));
  }
}

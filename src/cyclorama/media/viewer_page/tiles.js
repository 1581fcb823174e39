// A cube of tiles as a pyramid: on level n every face is 2^n x 2^n tiles of `size` pixels, each with one more pixel around it
// that shows what its neighbours show there, so interpolation meets at every edge.
"use strict";

const FACES = {  // the centre, and what is to the right and up in the face's picture
  front: [[0, 0, -1], [1, 0, 0], [0, 1, 0]],
  right: [[1, 0, 0], [0, 0, 1], [0, 1, 0]],
  back: [[0, 0, 1], [-1, 0, 0], [0, 1, 0]],
  left: [[-1, 0, 0], [0, 0, -1], [0, 1, 0]],
  up: [[0, 1, 0], [1, 0, 0], [0, 0, 1]],
  down: [[0, -1, 0], [1, 0, 0], [0, 0, -1]],
};
const MAX_LOADING = 4;
const MAX_TEXTURES = 200;
const NEAR = 0.01;

const TILE_PLACE = `
layout(location = 0) in vec3 corner;  // x, y, w in clip coordinates
layout(location = 1) in vec2 place;
out vec2 at;
void main() {
  at = place;
  gl_Position = vec4(corner.xy, 0., corner.z);
}`;

const TILE_COLOUR = `
uniform sampler2D picture;
in vec2 at;
out vec4 colour;
void main() { colour = texture(picture, at); }`;

class CubeTiles {
  // `load(name)` gives the blob of a tile; `changed()` is called when there is something new to draw.
  constructor(gl, { size, levels }, load, changed) {
    Object.assign(this, { gl, size, levels, load, changed });
    this.drawer = buildProgram(gl, TILE_PLACE, TILE_COLOUR);
    this.polygon = buildPolygon(gl);
    this.textures = new Map();  // name to texture, the least recently seen first
    this.loading = new Set();
    this.failed = new Set();
  }
  // The coarsest level that has a pixel for every pixel in the middle of the window.
  levelFor(camera) {
    const level = Math.ceil(Math.log2(camera.pixelsPerRadian * 2 / this.size) - 0.1);
    return Math.min(Math.max(level, 0), this.levels - 1);
  }
  get complete() { return this.missing?.length === 0; }
  seenTiles(camera) {
    const seen = [], finest = this.levelFor(camera);
    const visit = (face, level, y, x) => {
      const corners = cornersOf(face, level, y, x);
      if (!camera.sees(corners)) return;
      seen.push({ name: `${level}-${face}-${y}-${x}`, level, corners });
      if (level === finest) return;
      for (const [dy, dx] of [[0, 0], [0, 1], [1, 0], [1, 1]]) visit(face, level + 1, 2 * y + dy, 2 * x + dx);
    };
    for (const face of Object.keys(FACES)) visit(face, 0, 0, 0);
    return seen.sort((a, b) => a.level - b.level);
  }
  draw(camera) {
    const { gl } = this, seen = this.seenTiles(camera), margin = 1 / (this.size + 2);
    gl.useProgram(this.drawer.program);
    gl.bindVertexArray(this.polygon);
    for (const tile of seen) {
      const texture = this.textures.get(tile.name);
      if (!texture) continue;
      this.textures.delete(tile.name);
      this.textures.set(tile.name, texture);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      const places = [[margin, margin], [1 - margin, margin], [1 - margin, 1 - margin], [margin, 1 - margin]];
      const polygon = inFront(tile.corners.map((corner, i) => [...camera.project(corner), ...places[i]]));
      gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(polygon.flat()), gl.STREAM_DRAW);
      gl.drawArrays(gl.TRIANGLE_FAN, 0, polygon.length);
    }
    this.missing = seen.filter(({ name }) => !this.textures.has(name) && !this.failed.has(name));
    this.fetchMissing();
    this.forget(seen.length);
  }
  fetchMissing() {
    for (const { name } of this.missing) {
      if (this.loading.size >= MAX_LOADING) return;
      if (!this.loading.has(name)) this.fetch(name);
    }
  }
  async fetch(name) {
    this.loading.add(name);
    try {
      const picture = await createImageBitmap(await this.load(name));
      const texture = buildTexture(this.gl, { wrap: this.gl.CLAMP_TO_EDGE, minify: this.gl.LINEAR });
      this.gl.texImage2D(this.gl.TEXTURE_2D, 0, this.gl.RGBA, this.gl.RGBA, this.gl.UNSIGNED_BYTE, picture);
      picture.close();
      this.textures.set(name, texture);
    } catch (fault) {
      console.warn(`tile ${name}: ${fault}`);
      this.failed.add(name);
    }
    this.loading.delete(name);
    this.changed();
  }
  forget(needed) {
    for (const [name, texture] of this.textures) {
      if (this.textures.size <= Math.max(MAX_TEXTURES, needed)) return;
      this.gl.deleteTexture(texture);
      this.textures.delete(name);
    }
  }
}

function buildPolygon(gl) {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  for (const [location, size, offset] of [[0, 3, 0], [1, 2, 12]]) {
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, size, gl.FLOAT, false, 20, offset);
  }
  return array;
}

// The part of a polygon of vertices [x, y, w, ...] that lies before the camera. Left to the driver, a corner right beside
// the camera (w = 0) spoils the whole tile in some of them.
function inFront(polygon) {
  return polygon.flatMap((here, i) => {
    const next = polygon[(i + 1) % polygon.length], kept = here[2] >= NEAR ? [here] : [];
    if ((here[2] >= NEAR) === (next[2] >= NEAR)) return kept;
    const part = (NEAR - here[2]) / (next[2] - here[2]);
    return [...kept, here.map((value, axis) => value + part * (next[axis] - value))];
  });
}

// Top left, top right, bottom right, bottom left.
function cornersOf(face, level, y, x) {
  const [centre, right, up] = FACES[face], tiles = 2 ** level;
  return [[0, 0], [0, 1], [1, 1], [1, 0]].map(([dy, dx]) => {
    const s = 2 * (x + dx) / tiles - 1, t = 1 - 2 * (y + dy) / tiles;
    return centre.map((c, axis) => c + s * right[axis] + t * up[axis]);
  });
}

"""Rays into pictures: what each ray meets, how it is lit, and what the eye sees.

`render` takes any unit directions, so panoramas, photographs and single rays are the same picture of the same world.
Depth is the Euclidean distance along the ray in metres, inf where the ray leaves the world (the sky).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.diorama.materials import ground_colour, solid_colour, tint
from cyclorama.diorama.noise import Real, fbm, noise, smoothstep
from cyclorama.diorama.places import build
from cyclorama.diorama.scene import Scene, World
from cyclorama.diorama.solids import Solid, first_hit, world_normal
from cyclorama.diorama.terrain import Skyline
from cyclorama.geometry.equirect import equirect_dirs
from cyclorama.geometry.perspective import perspective_dirs
from cyclorama.geometry.rotation import rotation

GROUND, SKY, ROOM, WATER = -1, -2, -3, -4
EXPOSURE = 1.5


@dataclass(frozen=True)
class Render:
    """Colours [3, H, W] in [0, 1] (display values) and depth [H, W] in metres along the ray, inf for the sky."""

    colours: Float[Tensor, "3 height width"]
    depth: Float[Tensor, "height width"]


@dataclass(frozen=True)
class Hits:
    """Where rays end: distance, world point, unit normal and what was met (a solid's index or GROUND, SKY, ...)."""

    distance: Float[Tensor, " n"]
    points: Float[Tensor, "n 3"]
    normals: Float[Tensor, "n 3"]
    what: Int[Tensor, " n"]


def render_panorama(
    scene: Scene, height: int, *, origin: Float[Tensor, "3"] | None = None, supersample: int = 2
) -> Render:
    """Equirectangular picture of a scene, [3, height, 2 * height]; each pixel averages supersample^2 rays."""
    return _shrink(render(scene, equirect_dirs(height * supersample), origin), supersample)


def render_view(
    scene: Scene,
    height: int,
    width: int,
    fov_deg: Real,
    *,
    yaw_deg: Real = 0.0,
    pitch_deg: Real = 0.0,
    roll_deg: Real = 0.0,
    origin: Float[Tensor, "3"] | None = None,
    supersample: int = 2,
) -> Render:
    """Photograph of a scene with a horizontal field of view `fov_deg`, [3, height, width]."""
    turn = rotation(yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=roll_deg)
    dirs = perspective_dirs(height * supersample, width * supersample, fov_deg, rotation=turn)
    return _shrink(render(scene, dirs, origin), supersample)


def _shrink(fine: Render, factor: int) -> Render:
    if factor == 1:
        return fine
    linear = F.avg_pool2d(fine.colours[None] ** 2.2, factor)[0] ** (1 / 2.2)
    return Render(linear, fine.depth[factor // 2 :: factor, factor // 2 :: factor].contiguous())


@torch.no_grad()
def render(scene: Scene, dirs: Float[Tensor, "height width 3"], origin: Float[Tensor, "3"] | None = None) -> Render:
    """See a scene along world unit directions from `origin` (metres; the scene's own eye point when None)."""
    world = build(scene, dirs.device)
    eye = torch.tensor(world.eye, device=dirs.device) if origin is None else origin.to(dirs)
    rays = rearrange(dirs, "h w c -> (h w) c").float()
    light, distance = _see(world, eye, rays)
    colours = rearrange(_develop(light), "(h w) c -> c h w", h=dirs.shape[0])
    return Render(colours, distance.reshape(dirs.shape[:2]))


def _develop(light: Tensor) -> Tensor:
    """Exposure with a shoulder, then the display's gamma."""
    return (1 - torch.exp(-EXPOSURE * light.clamp(min=0))).clamp(0, 1) ** (1 / 2.2)


def _see(world: World, eye: Tensor, rays: Tensor) -> tuple[Tensor, Tensor]:
    skyline = Skyline(world.terrain, eye) if world.terrain else None
    hits = _trace(world, skyline, eye, rays)
    light = world.sky.colour(rays)
    met = hits.what != SKY
    chosen = Hits(hits.distance[met], hits.points[met], hits.normals[met], hits.what[met])
    shaded = _shade(world, skyline, chosen)
    light[met] = shaded
    wet = hits.what == WATER
    if wet.any() and skyline is not None:
        light[wet] = _reflect(
            world, skyline, Hits(hits.distance[wet], hits.points[wet], hits.normals[wet], hits.what[wet]), rays[wet]
        )
    if world.room is None:
        light = _haze(world, light, hits.distance, rays)
    else:
        outside = ~met & (rays[:, 1] < 0)
        light[outside] = _garden(world, rays[outside], eye)
    return light, hits.distance


def _haze(world: World, light: Tensor, distance: Tensor, rays: Tensor) -> Tensor:
    """Aerial perspective: exponential in the distance, toward the sky's colour at the horizon in that direction."""
    far = torch.where(distance.isinf(), torch.zeros_like(distance), distance)
    level = F.normalize(rays * tint((1.0, 0.0, 1.0), rays) + tint((0.0, 0.03, 0.0), rays), dim=-1)
    air = world.sky.colour(level) if world.sky.weather != "fog" else world.sky.haze
    amount = 1 - torch.exp(-far / world.sky.visibility_m)
    if world.sky.weather == "fog":
        amount = torch.where(distance.isinf(), smoothstep(0.5, 0.0, rays[:, 1]), amount)
    return light + (air - light) * amount[:, None]


def _garden(world: World, rays: Tensor, eye: Tensor) -> Tensor:
    """What lies below the horizon outside a window: lawn far below, fading into the horizon."""
    distance = (eye[1] + 5) / (-rays[:, 1]).clamp(min=1e-3)
    flat = (rays * distance[:, None])[:, ::2]
    lawn = tint((0.12, 0.22, 0.06), rays) * (1 + 0.4 * fbm(flat / 14, 3))[:, None]
    lit = lawn * (world.sky.direct * 0.5 + world.sky.ambient * 1.3)
    level = world.sky.colour(rays * tint((1.0, 0.0, 1.0), rays))
    return lit + (level - lit) * (1 - torch.exp(-distance / min(160.0, world.sky.visibility_m)))[:, None]


def _trace(world: World, skyline: Skyline | None, eye: Tensor, rays: Tensor) -> Hits:
    """The nearest thing on each ray."""
    if skyline is not None and world.terrain is not None:
        distance = skyline.hit(rays)
        what = torch.where(distance.isinf(), SKY, GROUND)
        normals = torch.zeros_like(rays)
        surface = (world.terrain.water - eye[1]) / torch.where(rays[:, 1] < -1e-5, rays[:, 1], -1e-5)
        wet = (surface > 0) & (surface < distance) & (rays[:, 1] < -1e-5) & torch.isfinite(surface)
        distance, what = torch.where(wet, surface, distance), torch.where(wet, WATER, what)
    else:
        assert world.room is not None
        distance, side = world.room.exit(eye.expand_as(rays), rays)
        points = eye + distance[:, None] * rays
        what = torch.where(world.room.through_window(points, side), SKY, ROOM)
        normals = world.room.inward_normal(side)
        distance = torch.where(what == SKY, torch.inf, distance)
    for index, solid in enumerate(world.solids):
        _hit_solid(solid, index, eye, rays, distance, normals, what)
    points = eye + distance.nan_to_num(posinf=0.0)[:, None] * rays
    if world.terrain is not None:
        ground = what == GROUND
        normals[ground] = world.terrain.normal(points[ground][:, ::2], 0.06 + 0.006 * distance[ground])
        normals[what == WATER] = tint((0.0, 1.0, 0.0), rays)
    return Hits(distance, points, normals, what)


def _hit_solid(
    solid: Solid, index: int, eye: Tensor, rays: Tensor, distance: Tensor, normals: Tensor, what: Tensor
) -> None:
    """Let one solid replace what the rays met so far; only rays near its bounding sphere are looked at."""
    offset = torch.tensor(solid.centre, device=rays.device) - eye
    range_ = float(offset.norm())
    if range_ > solid.reach:
        near = rays @ (offset / range_) > (1 - (solid.reach / range_) ** 2) ** 0.5
        chosen = near.nonzero()[:, 0]
    else:
        chosen = torch.arange(len(rays), device=rays.device)
    if len(chosen) == 0:
        return
    t, local = first_hit(solid, eye.expand(len(chosen), 3), rays[chosen])
    closer = t < distance[chosen]
    chosen, t, local = chosen[closer], t[closer], local[closer]
    normal = world_normal(solid, local)
    if solid.leafy:
        kept = _leaves(solid, eye + t[:, None] * rays[chosen], normal, rays[chosen])
        chosen, t, normal = chosen[kept], t[kept], normal[kept]
    facing = torch.where((normal * rays[chosen]).sum(-1, keepdim=True) > 0, -normal, normal)
    distance[chosen], normals[chosen], what[chosen] = t, facing, index


def _leaves(solid: Solid, points: Tensor, normals: Tensor, rays: Tensor) -> Tensor:
    """Fray a crown: drop hits near its rim where the world-fixed noise is low."""
    facing = (normals * rays).sum(-1).abs()
    scale = 1.8 / max(0.12, min(solid.size))
    ragged = noise(points[:, :2] * scale + solid.seed) + noise(points[:, 1:] * scale - solid.seed)
    return facing + 0.45 * ragged > 0.42 * solid.leafy


def _shade(world: World, skyline: Skyline | None, hits: Hits) -> Tensor:
    albedo = torch.zeros_like(hits.points)
    emitted = torch.zeros_like(hits.points)
    normals = hits.normals.clone()
    for index in hits.what.unique().tolist():
        at = (hits.what == index).nonzero()[:, 0]
        if index >= 0:
            solid = world.solids[index]
            albedo[at], emitted[at] = solid_colour(solid, hits.points[at], normals[at], hits.distance[at])
            if solid.leafy:
                bump = torch.stack([noise(hits.points[at][:, :2] * 4 + k * 5) for k in range(3)], -1)
                normals[at] = F.normalize(normals[at] + 0.6 * bump, dim=-1)
        elif index == GROUND and world.terrain is not None:
            albedo[at] = ground_colour(
                world.terrain.kind, hits.points[at], normals[at], hits.distance[at], world.terrain.water
            )
        elif index == ROOM and world.room is not None:
            _, side = world.room.exit(hits.points[at] + 1e-3 * normals[at], -normals[at])
            albedo[at] = world.room.colour(hits.points[at], side)
    incoming = _daylight(world, skyline, hits, normals) if world.room is None else _indoor_light(world, hits, normals)
    return albedo * incoming + emitted


def _daylight(world: World, skyline: Skyline | None, hits: Hits, normals: Tensor) -> Tensor:
    sky = world.sky
    cosine = (normals * sky.sun_dir).sum(-1).clamp(min=0)
    lit = cosine * _sun_reaches(world, skyline, hits, normals) if float(sky.direct.max()) > 0.02 else cosine
    ambient = sky.ambient * (0.62 + 0.38 * normals[:, 1:2]) * _contact(world, hits)[:, None]
    return sky.direct * lit[:, None] + ambient + _lamplight(world, hits.points, normals)


def _sun_reaches(world: World, skyline: Skyline | None, hits: Hits, normals: Tensor) -> Tensor:
    """Fraction of the sun that reaches each hit: the landscape's soft shadow times the solids' hard ones."""
    start = hits.points + 0.02 * normals + (0.002 * hits.distance)[:, None] * normals
    lit = torch.ones_like(hits.distance)
    if skyline is not None and world.terrain is not None and world.terrain.kind != "plain":
        lit = skyline.sunlit(world.terrain, world.sky.sun_dir, hits.points)
    for solid in world.solids:
        _shadow(solid, start, world.sky.sun_dir, lit)
    return lit


def _shadow(solid: Solid, start: Tensor, sun: Tensor, lit: Tensor) -> None:
    offset = torch.tensor(solid.centre, device=start.device) - start
    along = offset @ sun
    near = (offset.square().sum(-1) - along**2 < solid.reach**2) & (along > -solid.reach) & (lit > 0)
    at = near.nonzero()[:, 0]
    if len(at):
        t, _ = first_hit(solid, start[at], sun.expand(len(at), 3))
        lit[at] = torch.where(t.isfinite() & (t > 1e-3), lit[at] * (0.25 if solid.leafy else 0.0), lit[at])


def _contact(world: World, hits: Hits) -> Tensor:
    """Ambient occlusion where things meet the ground: darker under and beside each solid that stands low."""
    open_sky = torch.ones_like(hits.distance)
    near = (hits.distance < 45).nonzero()[:, 0]
    x, y, z = hits.points[near].unbind(-1)
    shade = torch.ones_like(x)
    for solid in world.solids:
        width = max(solid.size[0], solid.size[2]) * 1.5 + 0.1
        gap = ((x - solid.centre[0]) ** 2 + (z - solid.centre[2]) ** 2) / width**2
        at = (gap < 2.0).nonzero()[:, 0]
        if len(at):
            below = smoothstep(solid.size[1] + 2.2 * width, solid.size[1], (y[at] - solid.centre[1]).abs())
            shade[at] *= 1 - 0.35 * torch.exp(-2.2 * gap[at]) * below
    open_sky[near] = shade
    return open_sky


def _lamplight(world: World, points: Tensor, normals: Tensor) -> Tensor:
    """Point lamps with inverse-square fall-off; the constants keep their neighbourhood from burning out."""
    total = torch.zeros_like(points)
    for place, colour in world.lamps:
        toward = torch.tensor(place, device=points.device) - points
        squared = toward.square().sum(-1)
        cosine = (normals * toward).sum(-1) / squared.sqrt().clamp(min=1e-3)
        total = total + tint(colour, points) * ((0.75 * cosine + 0.25).clamp(min=0) / (squared + 1.2))[:, None]
    dim = {"night": 1.0, "dawn": 0.35, "sunset": 0.5, "noon": 0.0}[world.scene.time] if world.room is None else 1.0
    return total * dim


def _indoor_light(world: World, hits: Hits, normals: Tensor) -> Tensor:
    """Sky light from the windows, a patch of sun through them, lamps, and a bounce; darker in the corners."""
    room, sky = world.room, world.sky
    assert room is not None
    points = hits.points
    total = (sky.ambient * 0.32 + sky.direct * 0.035 + tint((0.012, 0.010, 0.008), points)).expand_as(points) * 1.0
    glow = sky.ambient * 1.5 + sky.direct * 0.22
    for window in room.windows:
        toward = room.panel_centre(window, points.device) - points
        squared = toward.square().sum(-1)
        facing = room.inward_normal(torch.tensor([window.wall], device=points.device))[0]
        leaving = (-(toward * facing).sum(-1) / squared.sqrt().clamp(min=1e-3)).clamp(min=0)
        arriving = (0.8 * (normals * toward).sum(-1) / squared.sqrt().clamp(min=1e-3) + 0.2).clamp(min=0)
        area = 4 * window.half[0] * window.half[1]
        total = total + glow * (area * leaving * arriving / (squared + area))[:, None]
    total = total + _lamplight(world, points, normals)
    total = total + sky.direct * _sun_patch(world, points, normals)[:, None]
    low = torch.minimum(points[:, 1], room.height - points[:, 1]).clamp(min=0)
    wide = torch.minimum(room.half_x - points[:, 0].abs(), room.half_z - points[:, 2].abs()).clamp(min=0)
    corners = (1 - 0.38 * torch.exp(-low / 0.3)) * (1 - 0.38 * torch.exp(-wide / 0.3))
    is_floor = (normals[:, 1] > 0.9) & (low < 0.02)
    is_shell = hits.what == ROOM
    corner = torch.where(
        is_shell, torch.where(is_floor, 1 - 0.38 * torch.exp(-wide / 0.3), corners.clamp(min=0.6)), torch.ones_like(low)
    )
    return total * (corner * _contact(world, hits))[:, None]


def _sun_patch(world: World, points: Tensor, normals: Tensor) -> Tensor:
    room, sun = world.room, world.sky.sun_dir
    assert room is not None
    start = points + 0.01 * normals
    cosine = (normals * sun).sum(-1).clamp(min=0)
    distance, side = room.exit(start, sun.expand_as(points))
    lit = cosine * room.through_window(start + distance[:, None] * sun, side)
    at = (lit > 0).nonzero()[:, 0]
    clear = torch.ones(len(at), device=points.device)
    for solid in world.solids:
        _shadow(solid, start[at], sun, clear)
    lit[at] = lit[at] * clear
    return lit


def _reflect(world: World, skyline: Skyline, hits: Hits, rays: Tensor) -> Tensor:
    """Water: Fresnel mix of its own colour with the mirrored sky and landscape (looked up from the mirror eye)."""
    assert world.terrain is not None
    ripple_at = hits.points[:, ::2]
    calm = smoothstep(260, 8, hits.distance)
    strength = (0.05 if world.terrain.kind == "lake" else 0.11) * (0.25 + 0.75 * calm)
    stretch = ripple_at / (0.8 + 0.012 * hits.distance[:, None])
    slope = torch.stack([fbm(stretch, 3), fbm(stretch + 31, 3)], -1) * strength[:, None]
    normal = F.normalize(torch.stack([slope[:, 0], torch.ones_like(strength), slope[:, 1]], -1), dim=-1)
    bounced = rays - 2 * (rays * normal).sum(-1, keepdim=True) * normal
    bounced = F.normalize(torch.stack([bounced[:, 0], bounced[:, 1].abs() + 1e-3, bounced[:, 2]], -1), dim=-1)
    mirror = world.sky.colour(bounced)
    twin = skyline.mirrored(world.terrain.water)
    far = twin.hit(bounced)
    land = (far.isfinite() & (far > hits.distance)).nonzero()[:, 0]
    if len(land):
        points = twin.origin + far[land, None] * bounced[land]
        normals = world.terrain.normal(points[:, ::2], 0.06 + 0.006 * far[land])
        ground = ground_colour(world.terrain.kind, points, normals, far[land] * 2, world.terrain.water)
        sky = world.sky
        lit = ground * (sky.direct * (normals * sky.sun_dir).sum(-1).clamp(min=0)[:, None] + sky.ambient)
        mirror[land] = _haze(world, lit, far[land], bounced[land])
    cosine = (-(rays * normal).sum(-1)).clamp(0, 1)
    fresnel = 0.03 + 0.97 * (1 - cosine) ** 5  # Schlick's approximation
    depth = (world.terrain.water - world.terrain.height(ripple_at)).clamp(min=0)
    body = tint((0.02, 0.09, 0.12), rays) + tint((0.10, 0.20, 0.17), rays) * torch.exp(-depth / 1.6)[:, None]
    body = body * (sky_light := world.sky.ambient * 1.2 + world.sky.direct * float(world.sky.sun_dir[1]) * 0.6)
    foam = smoothstep(0.22, 0.05, depth + 0.12 * noise(ripple_at * 1.7)) * (
        0.75 if world.terrain.kind == "coast" else 0.12
    )
    light = body + (mirror - body) * fresnel[:, None]
    return light + (tint((0.8, 0.85, 0.88), rays) * sky_light - light) * foam[:, None]

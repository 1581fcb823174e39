"""What every family shares: a diffusers pipeline that answers the protocol of `models/protocol.py`.

The pipeline holds the weights, the text encoders and the auto-encoder; its `__call__` is not used. A family says how
text becomes a condition (`_embed`), how a velocity comes out of its network (`_velocity`), and the schedule (`sigmas`).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cyclorama.diffusion.fingerprints import hash_module, hash_parts
from cyclorama.diffusion.sampling import guide
from cyclorama.models.autoencoding import decode_latents, encode_images, is_panorama
from cyclorama.models.component_facts import read_capabilities
from cyclorama.models.loading import check_class, quiet_loading, read_class_name, read_pipeline
from cyclorama.models.lora import load_lora, save_lora
from cyclorama.models.placement import check_offload, place
from cyclorama.models.protocol import Capabilities, Condition
from cyclorama.models.seams import WRAPS, Wrap, wrap_convolutions
from cyclorama.models.vocabulary import in_known_words, unknown_words

WRAPS_OF_OPEN_AUTOENCODERS = ("none", "published")
DISTILLED_NAMES = ("schnell", "turbo")
FEW_STEPS = 4

M = TypeVar("M", bound="PipelineModel")


class PipelineModel(ABC):
    """A diffusers pipeline behind the protocol.

    `wrap` is one of the family's wrap modes (`seams.WRAPS`) and acts on 2:1 pictures only; `wrap_columns` is the k of
    wrap="adjacent". `wrap_vae` makes encode and decode commute with a roll (None: with every wrap but "none" and
    "published"). `distilled` models take no guidance at all.

    Raises:
        ValueError: for a wrap that the family cannot do.
    """

    family: ClassVar[str]
    pipelines: ClassVar[tuple[str, ...]]
    network_name: ClassVar[str] = "transformer"
    tokenizer_name: ClassVar[str] = "tokenizer"
    text_encoder_names: ClassVar[tuple[str, ...]]
    wraps: ClassVar[tuple[Wrap, ...]]
    default_wrap: ClassVar[Wrap]
    published_steps: ClassVar[int]
    published_guidance: ClassVar[float]
    load_options: ClassVar[Mapping[str, Any]] = {}
    lora_targets: tuple[str, ...] = ("to_q", "to_k", "to_v", "to_out.0")

    def __init__(
        self,
        pipe: Any,
        *,
        name: str = "",
        wrap: str | None = None,
        wrap_columns: int | None = None,
        wrap_vae: bool | None = None,
        vae_tiling: bool = False,
        distilled: bool = False,
        offload: str | None = None,
    ) -> None:
        self.pipe = pipe
        self.wrap = wrap or self.default_wrap
        self.wrap_columns = wrap_columns
        self.wrap_vae = wrap_vae
        self.vae_tiling = vae_tiling
        self.distilled = distilled
        self.offload = offload
        self.prompt_prefix = ""
        self.default_steps = FEW_STEPS if distilled else self.published_steps
        self.default_guidance = 1.0 if distilled else self.published_guidance
        self.capabilities = self._capabilities(name or self.family)
        self._empty_condition: Condition | None = None

    @classmethod
    def from_pretrained(
        cls: type[M],
        folder_or_hub_id: str | Path,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
        offload: str | None = None,
        download: bool = False,
        **options,
    ) -> M:
        """Load a diffusers folder or hub id. `options` are those of the constructor.

        `dtype` None is bfloat16 on a GPU and float32 on the CPU; `device` None is the GPU if there is one. `offload`
        keeps the weights in main memory and moves whole components ("model") or single layers ("group") to the GPU when
        they are needed.

        Raises:
            ValueError: when the folder is no readable pipeline of this family, a hub model is not here and `download`
                is off, or the family cannot do the wrap.
        """
        device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        dtype = dtype or (torch.float32 if device.type == "cpu" else torch.bfloat16)
        check_offload(offload, device)
        check_class(read_class_name(folder_or_hub_id, download=download), folder_or_hub_id, cls.pipelines)
        cls.check_wrap(options.get("wrap") or cls.default_wrap)
        pipe = read_pipeline(
            folder_or_hub_id, classes=cls.pipelines, dtype=dtype, download=download, options=cls.load_options
        )
        options.setdefault("name", Path(folder_or_hub_id).name)
        options.setdefault("distilled", any(word in str(folder_or_hub_id).lower() for word in DISTILLED_NAMES))
        model = cls(pipe, offload=offload, **options)
        place(pipe, device, offload, dtype=dtype)
        return model

    @classmethod
    def check_wrap(cls, mode: str) -> Wrap:
        """The wrap mode of this name; `ValueError` for one that the family cannot do."""
        found: Wrap | None = next((wrap for wrap in cls.wraps if wrap == mode), None)
        if found is None:
            why = "" if mode in WRAPS else ", no known one"
            raise ValueError(f"got wrap {mode!r}{why}; the {cls.family} family wants one of {', '.join(cls.wraps)}")
        return found

    @property
    def wrap(self) -> Wrap:
        return self._wrap

    @wrap.setter
    def wrap(self, mode: str, /) -> None:
        self._wrap: Wrap = self.check_wrap(mode)

    @property
    def network(self) -> nn.Module:
        return getattr(self.pipe, self.network_name)

    @property
    def device(self) -> torch.device:
        own = next(self.network.parameters()).device
        return torch.device(self.pipe._execution_device) if self.offload else own

    @property
    def dtype(self) -> torch.dtype:
        return next(self.network.parameters()).dtype

    @property
    def max_time(self) -> float:
        return 1.0

    @property
    def max_text_tokens(self) -> int:
        return self._tokenizer.model_max_length

    def error_scale(self, t: Float[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """1: the network itself predicts the velocity."""
        return torch.ones_like(t)

    def load_lora(self, path_or_id: str | Path, weight: float = 1.0, *, download: bool = False) -> None:
        """Add a LoRA in diffusers format (a file, a folder or a hub id) on top of those already loaded.

        Raises:
            ValueError: for a missing, unreadable or mismatching file; the model is then as it was before.
        """
        load_lora(self.pipe, path_or_id, weight=weight, download=download)
        self._empty_condition = None

    def save_lora(self, folder: Path) -> Path:
        """The inverse of `load_lora` for the LoRA that a training added to the network: see `lora.save_lora`."""
        return save_lora(self.network, folder)

    def merge_lora(self) -> None:
        """Add the loaded LoRAs to the weights themselves: the same output, no cost per step."""
        self.pipe.fuse_lora()
        self.pipe.unload_lora_weights()

    def speed_up_cpu(self) -> None:
        """Merge the LoRAs; run the network in bfloat16 if this processor multiplies it natively (some 3x faster).

        The auto-encoder, the text encoders and the solver stay as they are.
        """
        if self.pipe.get_active_adapters():
            self.merge_lora()
        features = torch.cpu.get_capabilities()
        if any(features.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")):
            with quiet_loading():
                self.network.to(torch.bfloat16)

    def free_text_encoders(self) -> None:
        """Move the text encoders off the GPU; the condition of the empty prompt is kept for guidance."""
        self._empty()
        for part in self._text_encoders if not self.offload else ():
            part.to("cpu")

    def text_key(self) -> str:
        """A hash of the text encoders, the prefix and the number of tokens."""
        encoders = [hash_module(part) for part in self._text_encoders]
        return hash_parts(*encoders, f"{self.prompt_prefix!r} {self.max_text_tokens}")

    def image_key(self) -> str:
        """A hash of the auto-encoder; whether it wraps is the caller's to add."""
        return hash_module(self.pipe.vae)

    @torch.no_grad()
    def encode_text(self, prompts: Sequence[str]) -> Condition:
        """Embeddings of the prompts, cut at `max_text_tokens`; words outside a closed vocabulary as `unknown_words`."""
        texts = [self._prefixed(in_known_words(self._tokenizer, prompt)) for prompt in prompts]
        return Condition(self._embed(texts)).to(self.device)

    def unknown_words(self, prompt: str) -> dict[str, str | None]:
        """The words of `prompt` outside a closed vocabulary (the miniature's), each with its nearest known one."""
        return unknown_words(self._tokenizer, prompt)

    def encode_images(
        self, images: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channels latent_height latent_width"]:
        """Images in [0, 1] to latents, always in one piece: the mode of the posterior, or a deterministic code."""
        return encode_images(self.pipe.vae, images, device=self.device, wraps=self._wraps_vae)

    def decode_latents(
        self, latents: Float[Tensor, "batch channels latent_height latent_width"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """Latents to images in [0, 1], float32. With `vae_tiling` in wrapped tiles: see `tiling.decode_tiled`."""
        images = decode_latents(
            self.pipe.vae, latents, device=self.device, wraps=self._wraps_vae, tiled=self.vae_tiling
        )
        self.pipe.maybe_free_model_hooks()
        return images

    def predict(
        self,
        latents: Float[Tensor, "batch channels latent_height latent_width"],
        t: Float[Tensor, " batch"],
        condition: Condition,
        *,
        guidance_scale: float | None = None,
    ) -> Float[Tensor, "batch channels latent_height latent_width"]:
        """The velocity noise - data; guidance is classifier-free with the empty prompt, or none (distilled models)."""
        scale = self.default_guidance if guidance_scale is None else guidance_scale
        if self.distilled or scale == 1:
            return self._velocity(latents, t, condition)
        both = Condition.cat([condition, self._empty().repeat(len(condition)).to(latents.device)])
        conditional, unconditional = self._velocity(torch.cat([latents] * 2), torch.cat([t] * 2), both).chunk(2)
        return guide(conditional, unconditional, scale)

    @abstractmethod
    def sigmas(self, num_steps: int, height: int, width: int) -> Float[Tensor, " steps_and_end"]:
        """The noise levels 1 .. 0 of a picture of this size in pixels, `num_steps` + 1 of them."""

    @abstractmethod
    def _embed(self, texts: list[str]) -> dict[str, Tensor]:
        """The parts of a `Condition`, each with one row per text."""

    @abstractmethod
    def _velocity(self, latents: Tensor, t: Tensor, condition: Condition) -> Tensor:
        """The velocity noise - data of one evaluation of the network, in the dtype of the latents."""

    @abstractmethod
    def _capabilities(self, name: str) -> Capabilities:
        """What the components themselves tell; the registry fills in what is known of published models."""

    def _facts(self, name: str, *, multiple: int, native: int, exact_seams: tuple[str, ...]) -> Capabilities:
        """`multiple` in latents, `native` the side of a native square in pixels."""
        parts = (self.network, self.pipe.vae, *self._text_encoders)
        facts = read_capabilities(self.pipe.vae, parts, name=name, family=self.family, native=native)
        multiple *= facts.spatial_compression
        return replace(facts, token_multiple=multiple, exact_seams=exact_seams, wraps=self.wraps)

    @property
    def _tokenizer(self) -> Any:
        return getattr(self.pipe, self.tokenizer_name)

    @property
    def _text_encoders(self) -> list[nn.Module]:
        parts = [getattr(self.pipe, name) for name in self.text_encoder_names]
        return [part for part in parts if part is not None]

    @property
    def _text_device(self) -> torch.device:
        """Where the text encoders run: theirs, or the GPU that offloading moves them to."""
        return self.device if self.offload else next(self._text_encoders[0].parameters()).device

    def _prefixed(self, prompt: str) -> str:
        return prompt if not prompt or prompt.startswith(self.prompt_prefix) else self.prompt_prefix + prompt

    def _empty(self) -> Condition:
        if self._empty_condition is None:
            self._empty_condition = self.encode_text([""])
        return self._empty_condition

    @property
    def _wraps_vae(self) -> bool:
        return self.wrap not in WRAPS_OF_OPEN_AUTOENCODERS if self.wrap_vae is None else self.wrap_vae

    def _wrapped_network(self, grid: Tensor) -> AbstractContextManager[None]:
        return wrap_convolutions(self.network, self.wrap == "convolutions" and is_panorama(grid))

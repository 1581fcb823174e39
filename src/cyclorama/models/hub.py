"""Hub ids and the local cache; nothing here touches the network."""

PIPELINE_FILE = "model_index.json"
LORA_FILE = "pytorch_lora_weights.safetensors"


def looks_like_hub_id(name: str) -> bool:
    """Whether the name has the form owner/model and is no path."""
    owner, slash, model = name.partition("/")
    return bool(owner.strip(".~") and slash and model) and "/" not in model and "\\" not in name


def split_hub_file(name: str) -> tuple[str, str]:
    """owner/model/file.safetensors to the hub id and the file; a plain hub id to itself and diffusers' LoRA name."""
    hub_id, _, file = name.rpartition("/")
    return (hub_id, file) if file.endswith(".safetensors") and looks_like_hub_id(hub_id) else (name, LORA_FILE)


def is_cached(hub_id: str, file: str) -> bool:
    """Whether that file of a hub repository is in the local cache."""
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(hub_id, file), str)

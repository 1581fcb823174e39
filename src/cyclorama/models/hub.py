"""Hub ids and the local cache; nothing here touches the network."""

PIPELINE_FILE = "model_index.json"
LORA_FILE = "pytorch_lora_weights.safetensors"


def looks_like_hub_id(name: str) -> bool:
    """Whether the name has the form owner/model and is no path."""
    owner, slash, model = name.partition("/")
    return bool(owner.strip(".~") and slash and model) and "/" not in model and "\\" not in name


def is_cached(hub_id: str, file: str) -> bool:
    """Whether that file of a hub repository is in the local cache."""
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(hub_id, file), str)

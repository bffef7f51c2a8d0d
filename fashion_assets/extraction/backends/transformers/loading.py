"""Loading a vision-language model and its processor, with one sentence for whatever can go wrong."""

from pathlib import Path
from typing import Any

from fashion_assets.errors import ModelError
from fashion_assets.models.device import DevicePlan
from fashion_assets.models.weights import cached_snapshot, require_hub


def load_model(model: str, plan: DevicePlan) -> tuple[Any, Any]:
    """The processor and the model of a folder or hub id, on the plan's device; raises ModelError if that fails."""
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # of reading the weights file; batches report their own progress
    source = model
    if not Path(model).is_dir():
        snapshot = cached_snapshot(model)
        if snapshot is None:
            require_hub(model, "FASHION_VLM")
        source = str(snapshot or model)
    elif not any(Path(model).glob("*.safetensors")):
        value = f"FASHION_VLM is '{model}', a folder without .safetensors weights"
        raise ModelError(value=value, rule="a model needs weights", remedy="use a complete model folder")
    try:
        processor = AutoProcessor.from_pretrained(source)
        # A pair because of `output_loading_info`, which the declared return type does not know.
        model_and_report: Any = AutoModelForImageTextToText.from_pretrained(
            source, dtype=plan.torch_dtype, output_loading_info=True
        )
        loaded, report = model_and_report
        loaded = loaded.to(plan.device).eval()
    except Exception as error:  # damaged files and foreign code may raise anything, out of memory included
        where, reason = plan.device_name, " ".join(str(error).split())[:300]
        raise ModelError(
            value=f"FASHION_VLM is '{model}', which does not load as a vision-language model on {where} ({reason})",
            rule="it must be a complete model that fits into memory",
            remedy="use a complete SmolVLM or Idefics3 model, or `demo`",
        ) from error
    if report["missing_keys"]:
        missing = report["missing_keys"]
        raise ModelError(
            value=f"FASHION_VLM is '{model}', whose weights lack {len(missing)} tensors (as {min(missing)})",
            rule="without them it would answer at random",
            remedy="download it again",
        )
    return processor, loaded

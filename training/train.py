"""Reproduce the demo models from a seed: `python -m training.train --help`.

Less than two hours on two CPU cores. The photos of each epoch are rendered into the cache folder when it begins
(half a gigabyte each, a dozen of them). Step budgets reproduce the same training; `--minutes` (a limit for each stage)
makes a quick one. `cards` scores the models in the output folder and writes their model cards.
"""

import argparse
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.training_set import TrainingSet

# Waiting threads must not spin: on a shared core that made training six times slower. Must precede torch's import.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument(
        "what", choices=["vlm", "clip", "cards"], help="clip starts from the trained vlm's vision tower"
    )
    parser.add_argument("--output", type=Path, default=Path("demo-weights"), help="folder of both models")
    parser.add_argument("--cache", type=Path, default=Path(".fashion/demo-training"), help="rendered training photos")
    parser.add_argument("--photos", type=int, default=12_000, help="training photos to render for an epoch")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--vlm-steps", type=int, nargs=4, default=[3000, 300, 2400, 2700], help="vlm: of each stage")
    parser.add_argument("--clip-steps", type=int, default=800, help="clip: contrastive steps")
    parser.add_argument("--minutes", type=float, nargs="*", help="limit each stage by the clock instead of steps")
    parser.add_argument("--resume", choices=["a", "b", "c", "d"], help="vlm: continue after this stage; d: repeat D")
    parser.add_argument("--first-epoch", type=int, default=0, help="epoch of photos to begin with when resuming")
    parser.add_argument("--off-domain", type=Path, help="cards: folder of real photos, which the models do not know")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")

    import torch

    from training.training_set import training_sets

    torch.set_num_threads(arguments.threads)
    if arguments.what == "cards":
        from training.evaluation.model_card import write_model_cards
        from training.evaluation.scores import evaluate

        scores = evaluate(off_domain=arguments.off_domain, weights=arguments.output)
        write_model_cards(scores, arguments.output)
        return
    sets = training_sets(arguments.cache, arguments.photos, processes=arguments.threads, first=arguments.first_epoch)
    minutes = arguments.minutes or []
    if arguments.what == "vlm":
        _train_vlm(arguments, sets, minutes)
    else:
        _train_clip(arguments, sets, minutes)


def _train_vlm(arguments: argparse.Namespace, sets: "Iterator[TrainingSet]", minutes: list[float]) -> None:
    from fashion_assets.demo.models import vlm_folder
    from training.budget import Budget
    from training.vlm.stages import STAGE_B, STAGE_C, STAGE_D, VlmTraining

    folder = vlm_folder(arguments.output)
    kept = arguments.cache / f"vlm-stage-{arguments.resume}" if arguments.resume else None
    training = VlmTraining(sets, arguments.seed, kept)
    stages = {
        "a": lambda steps, limit: training.teach_vision(Budget(steps, limit)),
        "b": lambda steps, limit: training.teach_answers(Budget(steps, limit), folder, STAGE_B),
        "c": lambda steps, limit: training.teach_answers(Budget(steps, limit), folder, STAGE_C),
        "d": lambda steps, limit: training.teach_answers(Budget(steps, limit), folder, STAGE_D),
    }
    for number, (stage, teach) in enumerate(stages.items()):
        if stage > (arguments.resume or "") or stage == arguments.resume == "d":
            teach(arguments.vlm_steps[number], minutes[number] if minutes else None)
            training.keep(arguments.cache / f"vlm-stage-{stage}")


def _train_clip(arguments: argparse.Namespace, sets: "Iterator[TrainingSet]", minutes: list[float]) -> None:
    from fashion_assets.demo.models import clip_folder, vlm_folder
    from training.budget import Budget
    from training.clip.stages import train_clip

    budget = Budget(arguments.clip_steps, minutes[0] if minutes else None)
    train_clip(sets, vlm_folder(arguments.output), clip_folder(arguments.output), budget, arguments.seed)


if __name__ == "__main__":
    main()

"""Reproduce the demo models from a seed: `python -m fashion_assets.demo.train --help`.

Two CPU cores and about an hour. The photos are rendered once into the cache folder. Step budgets give the same
training again; `--minutes` (a limit for each stage) gives a quick one.
"""

import argparse
import logging
import os
from pathlib import Path

# Waiting threads must not spin: on a shared core that made training six times slower. Must precede torch's import.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m fashion_assets.demo.train", description=__doc__)
    parser.add_argument("model", choices=["vlm", "clip"], help="clip starts from the vision tower of a trained vlm")
    parser.add_argument("output", type=Path, help="folder to write the weights to")
    parser.add_argument("--cache", type=Path, default=Path(".fashion/demo-training"), help="rendered training photos")
    parser.add_argument("--photos", type=int, default=48_000, help="training photos to render")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--vision-steps", type=int, default=1_200, help="vlm: stage A, vision with heads")
    parser.add_argument("--answer-steps", type=int, default=2_400, help="vlm: stage B, the whole model")
    parser.add_argument("--clip-steps", type=int, default=600, help="clip: contrastive steps")
    parser.add_argument("--minutes", type=float, nargs="*", help="limit each stage by the clock instead of steps")
    parser.add_argument("--resume", type=Path, help="vlm: skip stage A and go on from the state kept in this folder")
    parser.add_argument("--vlm", type=Path, help="clip: folder of the trained vlm (default: the shipped one)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")

    import torch

    from fashion_assets.demo.training_set import load_training_set

    torch.set_num_threads(arguments.threads)
    data = load_training_set(arguments.cache, arguments.photos, processes=arguments.threads)
    minutes = arguments.minutes or []
    if arguments.model == "vlm":
        _train_vlm(arguments, data, minutes)
    else:
        _train_clip(arguments, data, minutes)


def _train_vlm(arguments: argparse.Namespace, data, minutes: list[float]) -> None:
    from fashion_assets.demo.budget import Budget
    from fashion_assets.demo.train_vlm import VlmTraining

    training = VlmTraining(data, arguments.seed)
    if arguments.resume:
        training.resume(arguments.resume)
    else:
        training.teach_vision(Budget(arguments.vision_steps, minutes[0] if minutes else None))
        training.keep(arguments.cache / "vlm-stage-a")
    training.teach_answers(Budget(arguments.answer_steps, minutes[-1] if minutes else None), arguments.output)
    training.keep(arguments.cache / "vlm-stage-b")


def _train_clip(arguments: argparse.Namespace, data, minutes: list[float]) -> None:
    from fashion_assets.demo.budget import Budget
    from fashion_assets.demo.models import vlm_folder
    from fashion_assets.demo.train_clip import train_clip

    budget = Budget(arguments.clip_steps, minutes[0] if minutes else None)
    train_clip(data, arguments.vlm or vlm_folder(), arguments.output, budget, arguments.seed)


if __name__ == "__main__":
    main()

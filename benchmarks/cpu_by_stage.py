"""Runs a `fashion` command and writes what its CPU seconds were spent on, by stage, as JSON.

The operating system interrupts the process after every few milliseconds of CPU that it has used, in any thread, and
what the main thread is doing then gets them. So native threads (torch, Polars, LanceDB) count for who waits for them.

    FASHION_HOME=/tmp/cost python -m benchmarks.cpu_by_stage stages.json run
"""

import atexit
import json
import resource
import runpy
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

SECONDS = 0.005
"""Of CPU between two samples."""

STAGES = {
    "ingest_catalog": "reading the source",
    "plan": "planning",
    "is_stale": "planning",
    "pilot_verdict": "asking the model",
    "extracted_attributes": "asking the model",
    "judge_extracted_attributes": "gates and report of a batch",
    "write_report": "reports",
    "consistency_checks": "rules",
    "enriched_descriptions": "descriptions",
    "judge_enriched_descriptions": "descriptions",
    "clip_embeddings": "vectors",
    "judge_clip_embeddings": "vectors",
    "catalog_quality": "judging the catalog",
    "build_search_indexes": "building and checking the index",
    "judge_offline_quality": "comparing the index with the live one",
    "search_quality": "measuring the search quality",
    "handle_output": "writing tables of assets",
    "load_input": "reading tables of assets",
}
"""By function; the innermost one counts."""

samples: Counter[str] = Counter()


def main() -> None:
    file, arguments = Path(sys.argv[1]), sys.argv[2:]
    atexit.register(_write, file)
    signal.signal(signal.SIGPROF, _sample)
    signal.setitimer(signal.ITIMER_PROF, SECONDS, SECONDS)
    script = Path(sys.executable).with_name("fashion")
    sys.argv = [str(script), *arguments]
    runpy.run_path(str(script), run_name="__main__")


def _write(file: Path) -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    share = (usage.ru_utime + usage.ru_stime) / max(samples.total(), 1)
    file.write_text(json.dumps({stage: round(share * count, 2) for stage, count in samples.most_common()}))


def _sample(_signal: int, frame: FrameType | None) -> None:
    samples[_stage(frame)] += 1


def _stage(frame: FrameType | None) -> str:
    stage = "Dagster and the rest"
    while frame is not None:
        name = frame.f_code.co_name
        if name == "_find_and_load":
            return "imports"
        if stage not in STAGES.values() and name in STAGES and "fashion_assets" in frame.f_code.co_filename:
            stage = STAGES[name]
        frame = frame.f_back
    return stage


if __name__ == "__main__":
    main()

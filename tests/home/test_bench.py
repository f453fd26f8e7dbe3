import json
from io import StringIO

import pytest
from django.core.management import call_command

from home.bench import NAMES, named


@pytest.mark.parametrize("name", NAMES)
def test_a_bench_prints_what_each_case_took(name: str) -> None:
    out = StringIO()
    call_command("bench", name, "--size", "20", "--repeat", "1", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert [case["case"] for case in told] == list(named(name).cases)
    for case in told:
        assert (case["bench"], case["size"], case["repetitions"]) == (name, 20, 1)
        assert case["median_seconds"] > 0
        assert case["peak_mb"] > 20

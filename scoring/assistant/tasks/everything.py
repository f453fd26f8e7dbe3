"""The tasks, by their name."""

from scoring.assistant.tasks.base import Task
from scoring.assistant.tasks.evaluate import EvaluateTask
from scoring.assistant.tasks.math_model import MathModelTask
from scoring.assistant.tasks.metric_chain import MetricChainTask
from scoring.assistant.tasks.param_metadata import ParamMetadataTask
from scoring.assistant.tasks.summary import SummaryTask

TASKS: dict[str, Task] = {
    task.kind.value: task
    for task in (MetricChainTask(), MathModelTask(), ParamMetadataTask(), EvaluateTask(), SummaryTask())
}

"""The tasks of a request for approval: look whether it makes sense, ask a person, keep the answer and act upon it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLOperator
from airflow.sdk import Param, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.execution_time.hitl import HITLUser

from touchline.errors import TouchlineError
from touchline.orchestration import assets
from touchline.settings import get_settings

if TYPE_CHECKING:
    from touchline.approvals import Request

ACTIONS = ("accept_load", "accept_build", "erase_customer")
"""Those of `touchline.approvals`, which reading a DAG file need not import; a test holds them together."""
PATIENCE = timedelta(days=3)
"""A request that nobody answers for so long is refused."""
PARAMS = {
    "action": Param("accept_load", type="string", enum=list(ACTIONS), description="What is to be done"),
    "arguments": Param(
        {},
        type="object",
        description='Its arguments, e.g. {"load_id": 12} or {"build_id": 7}; keys of rows, never personal data',
    ),
    "reason": Param("", type="string", minLength=1, description="Why it is right all the same; it is kept"),
    "days": Param(7, type="integer", minimum=1, maximum=365, description="For how long an override holds"),
}
BODY = """\
{{ ti.xcom_pull(task_ids='check_request') }} asks for **{{ params.action }}**, for {{ params.days }} days.

Arguments: `{{ params.arguments }}`

Reason: {{ params.reason }}
"""


@task(retries=0)
def check_request() -> str:
    """Refuse what nobody could approve; who asks."""
    from touchline import approvals

    request = _request()
    try:
        approvals.check(request)
    except TouchlineError as error:
        # It is the asker's to mend, who sees it in the log.
        raise AirflowFailException(str(error)) from error
    return request.asked_by


def ask_person() -> HITLOperator:
    """The form in Airflow's interface: one of TOUCHLINE_APPROVERS, or whoever may answer, says yes or no."""
    named = [HITLUser(id=name, name=name) for name in get_settings().approvers]
    return HITLOperator(
        task_id="ask_person",
        doc_md="Wait for a person's answer; nobody's in time is a refusal.",
        subject="Approve {{ params.action }}?",
        body=BODY,
        options=[ApprovalOperator.APPROVE, ApprovalOperator.REJECT],
        defaults=ApprovalOperator.REJECT,
        assigned_users=named or None,
        response_timeout=PATIENCE,
        # Airflow loses an answer that comes before its scheduler has noticed the question: ask again at once.
        retry_delay=timedelta(seconds=5),
        retry_exponential_backoff=0,
    )


@task(outlets=[assets.APPROVALS])
def apply_answer() -> str:
    """Keep who answered what and, if it is yes, do it; a build takes up what it has changed."""
    from touchline import approvals

    context = get_current_context()
    said: Any = context["ti"].xcom_pull(task_ids="ask_person")
    user = said["responded_by_user"]
    given = approvals.Answer(
        run_id=f"{context['dag_run'].dag_id}, {context['dag_run'].run_id}",
        is_approved=said["chosen_options"] == [ApprovalOperator.APPROVE],
        answered_by=user["name"] if user else None,
        answered_at=said["responded_at"],
    )
    try:
        outcome = approvals.answer(get_settings(), _request(), given)
    except TouchlineError as error:
        # No pause makes it right: a new request does.
        raise AirflowFailException(str(error)) from error
    if outcome is None:
        raise AirflowSkipException(f"refused by {given.answered_by or 'nobody in time'}")
    return outcome


def _request() -> "Request":
    from touchline.approvals import Request

    context = get_current_context()
    given = context["params"]
    # A run that a program has made names nobody.
    asked_by = context["dag_run"].triggering_user_name or "a program"
    return Request(given["action"], given["arguments"], given["reason"], given["days"], asked_by)

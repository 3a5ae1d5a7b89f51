"""The dbt project as a whole: what its unit tests say, and the house rules every model keeps."""

from typing import Any

UPDATE_CLASSES = {"by_key", "by_due_date", "whole"}
MAX_JOINED_MODELS = 10


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def is_mart(model: dict[str, Any]) -> bool:
    return bool(model["schema"] == "marts_next")


def test_every_model_builds_and_every_test_passes_on_an_empty_warehouse(dbt_artifacts: dict[str, Any]) -> None:
    bad = [
        f"{result['unique_id']}: {result['status']}: {result['message']}"
        for result in dbt_artifacts["results"]
        if result["status"] not in ("success", "pass")
    ]
    assert not bad, "\n".join(bad)


def test_every_unit_test_was_run(dbt_artifacts: dict[str, Any]) -> None:
    declared = set(dbt_artifacts["manifest"]["unit_tests"])
    ran = {result["unique_id"] for result in dbt_artifacts["results"]}
    assert declared
    assert declared <= ran


def test_figures_of_the_literature_are_unit_tested(dbt_artifacts: dict[str, Any]) -> None:
    """Every report whose definition comes with published figures has a unit test of its own."""
    tested = {test["model"] for test in dbt_artifacts["manifest"]["unit_tests"].values()}
    assert tested >= {
        "rpt_complaint_handling",
        "rpt_contact_center_days",
        "rpt_contact_center_intervals",
        "rpt_agent_intervals",
        "rpt_answer_parity",
        "rpt_channel_consistency",
        "rpt_channel_coverage",
        "rpt_channel_pairs",
        "rpt_contact_pressure",
        "rpt_customer_360",
        "rpt_customer_consistency",
        "rpt_customer_effort",
        "rpt_customer_flywheel",
        "rpt_defection",
        "rpt_delivered_value",
        "rpt_demand_and_staffing",
        "rpt_efficiency",
        "rpt_effort_scores",
        "rpt_employee_flywheel",
        "rpt_employee_scorecards",
        "rpt_employee_survival",
        "rpt_empowerment",
        "rpt_expectations",
        "rpt_failure_demand",
        "rpt_first_contact_resolution",
        "rpt_follow_up",
        "rpt_improvement_loop",
        "rpt_interaction",
        "rpt_issue_mix_consistency",
        "rpt_journey_paths",
        "rpt_journeys",
        "rpt_location_coverage",
        "rpt_management_presence",
        "rpt_moments",
        "rpt_next_need",
        "rpt_participation",
        "rpt_presence_effect",
        "rpt_price_parity",
        "rpt_preferences",
        "rpt_priorities",
        "rpt_promises",
        "rpt_recovery",
        "rpt_recovery_paradox",
        "rpt_referrals",
        "rpt_retention_cohorts",
        "rpt_reviews",
        "rpt_retention_curves",
        "rpt_role_models",
        "rpt_same_day",
        "rpt_segment_fit",
        "rpt_segment_standards",
        "rpt_service_gaps",
        "rpt_service_launches",
        "rpt_service_levels",
        "rpt_service_pnl",
        "rpt_service_preparation",
        "rpt_service_profit_chain",
        "rpt_standard_attainment",
        "rpt_standards_continuity",
        "rpt_survival",
        "rpt_top_box",
        "rpt_top_box_loyalty",
        "rpt_touchpoint_map",
        "rpt_visible_results",
        "rpt_waiting",
        "rpt_word_of_mouth",
    }


def test_every_model_and_column_is_described(dbt_artifacts: dict[str, Any]) -> None:
    undescribed = [
        f"{model['name']}.{column['name']}"
        for model in models(dbt_artifacts["manifest"])
        for column in [{"name": "*", "description": model["description"]}, *model["columns"].values()]
        if not column["description"].strip()
    ]
    assert not undescribed


def test_every_mart_has_a_contract_and_says_its_grain_update_class_and_owner(dbt_artifacts: dict[str, Any]) -> None:
    for model in filter(is_mart, models(dbt_artifacts["manifest"])):
        meta = model["config"]["meta"]
        assert model["config"]["contract"]["enforced"], model["name"]
        assert meta.get("grain"), model["name"]
        assert meta.get("owner"), model["name"]
        assert meta.get("update_class") in UPDATE_CLASSES, model["name"]


def test_every_mart_has_a_test_of_its_key(dbt_artifacts: dict[str, Any]) -> None:
    keyed = {
        test["attached_node"]
        for test in dbt_artifacts["manifest"]["nodes"].values()
        if test["resource_type"] == "test" and (test.get("test_metadata") or {}).get("name") in ("primary_key", "grain")
    }
    assert {model["unique_id"] for model in filter(is_mart, models(dbt_artifacts["manifest"]))} <= keyed


def test_what_a_mart_must_give_the_database_refuses_as_null(dbt_artifacts: dict[str, Any]) -> None:
    wanted = {
        (schema, model["name"], column["name"])
        for model in filter(is_mart, models(dbt_artifacts["manifest"]))
        for column in model["columns"].values()
        if "not_null" in [constraint["type"] for constraint in column["constraints"]]
        for schema in ("marts_next", "working")[: 2 if model["config"]["materialized"] == "by_key" else 1]
    }
    assert len(wanted) > 100
    assert wanted <= dbt_artifacts["required"]


def test_layers_are_not_skipped(dbt_artifacts: dict[str, Any]) -> None:
    """Only staging reads raw; marts read intermediate models, seeds and each other."""
    for model in models(dbt_artifacts["manifest"]):
        raw = [node for node in model["depends_on"]["nodes"] if node.startswith("source.touchline.raw")]
        assert not raw or model["schema"] == "staging", model["name"]
        if model["name"].startswith("rpt_"):
            staged = [node for node in model["depends_on"]["nodes"] if ".stg_" in node]
            assert not staged, model["name"]


def test_every_model_belongs_to_exactly_one_step(dbt_artifacts: dict[str, Any]) -> None:
    """A folder forgotten in dbt_project.yml would be built by no step."""
    for model in models(dbt_artifacts["manifest"]):
        assert len({"stage", "model", "report"} & set(model["tags"])) == 1, model["name"]


def test_models_stay_small(dbt_artifacts: dict[str, Any]) -> None:
    for model in models(dbt_artifacts["manifest"]):
        assert model["raw_code"].count("\n") <= 100, model["name"]
        assert len(model["depends_on"]["nodes"]) <= MAX_JOINED_MODELS, model["name"]

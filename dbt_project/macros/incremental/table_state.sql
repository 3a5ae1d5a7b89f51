{#
    What by_key tables know of themselves, in their order: the build each is up to date with, the build that last made it in
    full and the fingerprint of the code that made it. It is kept in the table's comment, which travels with a renamed slot
    and with a dump. None where there is no such table. The first one's columns are told as well. One query, for each costs
    a round trip in every model of every build.
#}
{% macro table_states(relations) -%}
    {%- set query -%}
        select
            {%- for relation in relations %}
            {{ label_of(relation) }} as label_{{ loop.index }},
            {%- endfor %}
            {{ columns_of(relations[0]) }} as columns
    {%- endset -%}
    {%- set found = run_query(query).rows[0].values() -%}
    {%- set states = [] -%}
    {%- for label in found[:-1] -%}
        {%- do states.append(state_in(label)) -%}
    {%- endfor -%}
    {%- if states[0] is not none -%}
        {%- do states[0].update({'columns': found[-1]}) -%}
    {%- endif -%}
    {{ return(states) }}
{%- endmacro %}

{% macro label_of(relation) -%}
    obj_description(to_regclass('{{ relation }}'), 'pg_class')
{%- endmacro %}

{% macro columns_of(relation) -%}
    (
        select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
        where attrelid = to_regclass('{{ relation }}') and attnum > 0 and not attisdropped
    )
{%- endmacro %}

{% macro state_in(label) -%}
    {%- set found = modules.re.search('build ([0-9]+), in full ([0-9]+), code ([0-9a-f]+)', label or '') -%}
    {%- if found is none -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return({'build': found.group(1) | int, 'full': found.group(2) | int, 'code': found.group(3)}) }}
{%- endmacro %}

{% macro label_table(relation, state) -%}
    comment on table {{ relation }} is 'build {{ state.build }}, in full {{ state.full }}, code {{ state.code }}'
{%- endmacro %}

{# Where a model's rows are kept between builds: a table of a slot has its master copy in schema `working`. #}
{% macro kept_relation(relation) -%}
    {{ return(relation.incorporate(path={'schema': 'working'}) if is_slotted(relation) else relation) }}
{%- endmacro %}

{% macro is_slotted(relation) -%}
    {{ return(relation.schema == 'marts_next') }}
{%- endmacro %}

{#
    Fingerprint of everything that makes a model's rows: its file and those upstream (models and seeds), and what all
    models share (`code`: macros, vars, Python steps, attributes of the sources). Columns are part of it, and so is the
    earlier instant a build is made as of: its rows are no base for an ordinary build.
#}
{% macro code_fingerprint(node) -%}
    {%- set ids = [node.unique_id] -%}
    {%- set parts = [] -%}
    {%- for id in ids -%}
        {%- set upstream = graph.nodes.get(id) -%}
        {%- if upstream -%}
            {%- if 'fingerprint' not in upstream -%}
                {#- said once for all the models below -#}
                {%- do upstream.update({'fingerprint': id ~ upstream.checksum.checksum ~ tojson(upstream.unrendered_config)}) -%}
            {%- endif -%}
            {%- do parts.append(upstream.fingerprint) -%}
            {%- for parent in upstream.depends_on.nodes if parent not in ids -%}
                {%- do ids.append(parent) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set columns = [] -%}
    {%- for column in node.columns.values() -%}
        {%- do columns.append(column.data_type ~ tojson(column.constraints)) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | sort | join('|') ~ columns | join(',') ~ (asked('code') or '') ~ (asked('as_of') or ''))[:16]) }}
{%- endmacro %}

{#
    How this run brings the model up to date: in full, or by the keys logged since the build it last saw.
    In full when there is no table, when its code changed, when the small table it declares to stand on holds other rows,
    when a parent it follows was made in full since, for a build as of an earlier instant, and when asked
    (`--full-refresh`). Unit tests and compilation see the full query. `state` is that of the kept table, `past` that of the
    table to be brought up to date, which in a slot is another one.
    Many macros of one model ask for it: the first answer is kept beside the model's own attributes.
#}
{% macro update_plan() -%}
    {%- if model is not defined -%}
        {#- the linter's -#}
        {{ return(_made_plan()) }}
    {%- endif -%}
    {%- if 'update_plan' not in model -%}
        {%- do model.update({'update_plan': _made_plan()}) -%}
    {%- endif -%}
    {{ return(model.update_plan) }}
{%- endmacro %}

{% macro _made_plan() -%}
    {%- set is_run = execute is defined and execute and flags.WHICH in ('run', 'build') and model.resource_type == 'model' -%}
    {%- if not is_run or config.get('materialized') != 'by_key' -%}
        {{ return({'is_full': true}) }}
    {%- endif -%}
    {%- set code = code_fingerprint(model) -%}
    {%- if config.get('stands_on') -%}
        {%- set code = local_md5(code ~ content_of(relation_of(config.get('stands_on'))))[:16] -%}
    {%- endif -%}
    {%- set tables = [kept_relation(this)] -%}
    {%- for parent in followed_models() -%}
        {%- do tables.append(kept_relation(relation_of(parent))) -%}
    {%- endfor -%}
    {%- set states = table_states(tables + [this]) -%}
    {%- set state, past = states[0], states[-1] -%}
    {%- set plan = {'is_full': true, 'code': code, 'state': state, 'past': past} -%}
    {%- if state is none or state.code != code or asked('as_of') or flags.FULL_REFRESH -%}
        {{ return(plan) }}
    {%- endif -%}
    {%- for parent in states[1:-1] if parent is none or parent.full > state.build -%}
        {{ return(plan) }}
    {%- endfor -%}
    {%- do plan.update({'is_full': false}) -%}
    {{ return(plan) }}
{%- endmacro %}

{# All rows of a small table as one text. #}
{% macro content_of(relation) -%}
    {%- set rows = 'select string_agg(cast(rows as text), chr(10) order by cast(rows as text)) from ' ~ relation ~ ' as rows' -%}
    {{ return(run_query(rows).rows[0][0] or '') }}
{%- endmacro %}

{# The by_key models whose changes this model declares to follow. #}
{% macro followed_models() -%}
    {%- set models = [] -%}
    {%- for change in config.get('changed_by', []) if change.model is defined and change.model not in models -%}
        {%- do models.append(change.model) -%}
    {%- endfor -%}
    {{ return(models) }}
{%- endmacro %}

{# The table of a model by its name. A followed model may be an ancestor through views, which `ref` does not allow. #}
{% macro relation_of(name) -%}
    {%- set node = graph.nodes['model.touchline.' ~ name] -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='table')) }}
{%- endmacro %}

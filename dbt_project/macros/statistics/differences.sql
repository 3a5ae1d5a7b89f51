{# Student's 0.975 quantile: exact up to 10 degrees of freedom, then its expansion in 1/ν (Abramowitz and Stegun 26.7.5). #}
{% macro student_quantile(degrees) -%}
{%- set exact = [
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139
] -%}
case
        {%- for quantile in exact %}
        when {{ degrees }} = {{ loop.index }} then {{ quantile }}
        {%- endfor %}
        when {{ degrees }} > 10
            then {{ normal_quantile() }} + 2.372271 / ({{ degrees }}) + 2.822499 / power({{ degrees }}, 2)
                + 2.555850 / power({{ degrees }}, 3) + 1.589534 / power({{ degrees }}, 4)
    end
{%- endmacro %}

{#
    The variance of a change in a share, x1/n1 - x0/n0, with one success and one failure added to either side (Agresti and
    Caffo 2000): units that are always at standard are not known without doubt.
#}
{% macro share_change_variance(x0, n0, x1, n1) -%}
{%- for x, n in [(x0, n0), (x1, n1)] -%}
{{ ' + ' if not loop.first }}{{ quotient('(' ~ x ~ ' + 1.0) * (' ~ n ~ ' - ' ~ x ~ ' + 1.0)', 'power(' ~ n ~ ' + 2, 3)') }}
{%- endfor -%}
{%- endmacro %}

{#
    Half the width of the 95 % interval of a difference in differences: units' changes, one number a unit, in two groups of n,
    Σd and Σd² (columns `<group>_units`, `_sum`, `_squares`), pooled variance, Student's t of n1 + n0 - 2 (Donald and Lang
    2007). It is never narrower than the days within the units allow (`_variance`: the sum of the units' own).
#}
{% macro difference_in_differences_reach(one, other) -%}
{%- set n1, n0 = one ~ '_units', other ~ '_units' -%}
{%- set degrees = n1 ~ ' + ' ~ n0 ~ ' - 2' -%}
{%- set ns = [] -%}
{%- for group in (one, other) -%}
{%- do ns.append(group ~ '_squares - ' ~ quotient(group ~ '_sum * ' ~ group ~ '_sum', group ~ '_units')) -%}
{%- endfor -%}
{%- set pooled = quotient(ns | join(' + '), degrees) -%}
{%- set scale = '(' ~ quotient(1, n1) ~ ' + ' ~ quotient(1, n0) ~ ')' -%}
{%- set within = quotient(one ~ '_variance', n1 ~ ' * ' ~ n1) ~ ' + ' ~ quotient(other ~ '_variance', n0 ~ ' * ' ~ n0) -%}
greatest(
        ({{ student_quantile(degrees) }}) * sqrt(greatest(0, {{ pooled }}) * {{ scale }}),
        {{ normal_quantile() }} * sqrt({{ within }})
    )
{%- endmacro %}

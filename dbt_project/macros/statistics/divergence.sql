{#
    Generalised Jensen-Shannon divergence in bits, channels weighted equally (Lin 1991). With shares p of k channels and T their
    sum at a value (`share`, `share_sum`): H(T/k) - mean H(p) = log2 k + (Σ Σ p log2 (p/T))/k. First the sum of one channel …
#}
{% macro channel_information(share='share') -%}
sum({{ share }} * ln({{ share }} / {{ share }}_sum)) / ln(2)
{%- endmacro %}

{# … then the divergence, from the number of channels and the sum over them. #}
{% macro divergence(channels, information) -%}
greatest(ln({{ channels }}) / ln(2) + {{ information }} / {{ channels }}, 0)
{%- endmacro %}

{#
    What is left of the greatest possible divergence, log2 k, as an index: 1 when all channels are alike, or less apart than by
    chance. Null while the divergence is unknown, which `greatest` would take for 0.
#}
{% macro consistency(divergence, greatest_divergence) -%}
1 - sqrt(case when {{ divergence }} < 0 then 0 else {{ divergence }} end / {{ greatest_divergence }})
{%- endmacro %}

"""Names that try to be more than names."""

from __future__ import annotations

NAMES = (
    "{{7*7}}",
    '<img src=x onerror="window.hacked=1">',
    "${1+1}`${alert(1)}`",
    "</script><script>window.hacked=1</script>",
    "[link](javascript:alert(1)) **bold** :material/bug_report: $x^2$",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
)


def spoil(tables):
    """Give firms, clusters, projects, regions, towns and assets hostile names, in a copy of the tables."""
    spoiled = dict(tables)
    for name, column in (
        ("firms", "name"),
        ("clusters", "name"),
        ("clusters", "place"),
        ("projects", "name"),
        ("projects", "lead"),
        ("regions", "name"),
        ("towns", "name"),
        ("assets", "name"),
        ("entries", "name"),
        ("entries", "detail"),
        ("authorities", "name"),
        ("programmes", "name"),
        ("contested", "source"),
        ("missing", "what"),
        ("missing", "note"),
    ):
        rows = spoiled[name]
        spoiled[name] = rows.assign(**{column: [NAMES[number % len(NAMES)] for number in range(len(rows))]})
    return spoiled

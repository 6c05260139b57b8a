"""Tenants for trying things out: `sandbox`, and all whose name begins with `sandbox-`.

No message of theirs is sent, no registry is asked about them, and their answers say `"sandbox": true`.
"""

from __future__ import annotations


def is_sandbox(tenant: str) -> bool:
    """Whether a tenant is one."""
    return tenant == "sandbox" or tenant.startswith("sandbox-")

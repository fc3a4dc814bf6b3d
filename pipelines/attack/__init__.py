"""The attack on published files: `uitstroom attack FOLDER`.

Belongs here: the public names. Does not belong here: anything of the protecting code, which this
package never imports.
"""

from pipelines.attack.attacking import (
    AttackReport,
    attack_folder,
    attack_folders,
    attack_lines,
    report_lines,
)

__all__ = ["AttackReport", "attack_folder", "attack_folders", "attack_lines", "report_lines"]

"""Every error that a user can see: a stable code and, in both languages, what happened, what is safe, what to do.

`KnownError` is the environment or the person (a full disk, a wrong password) and is expected; `BugError` is ours.
Messages must never carry a clinical value, a name or a key. Codes are never reused; UC-1xx storage, UC-2xx accounts,
UC-3xx forms and study, UC-4xx entry, UC-5xx sealed files, UC-6xx paper.
"""

from __future__ import annotations

from ucmsc_desktop.i18n import Lang, Text


class KnownError(Exception):
    """An error of the environment or of the user, shown by its code in three parts."""

    code = "UC-000"
    what = Text("Something went wrong.", "发生错误。")
    safe = Text("Everything saved before is safe.", "此前已保存的内容是安全的。")
    todo = Text("Call the study office and tell them the code.", "请致电研究办公室并告知错误代码。")

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.code)

    def parts(self, lang: Lang | None = None) -> tuple[str, str, str]:
        """Give what happened, what is safe and what to do, in `lang` (None: the window's language)."""
        texts = (self.what, self.safe, self.todo)
        filled = [t.fill(**self.details) if self.details else t for t in texts]
        return filled[0].get(lang), filled[1].get(lang), filled[2].get(lang)

    def __str__(self) -> str:
        return f"{self.code} " + " ".join(part for part in self.parts() if part)


class BugError(Exception):
    """A state the program itself should never reach; never shown as the user's mistake."""


# --- UC-1xx storage ---------------------------------------------------------------------------------------------


class DiskFull(KnownError):
    code = "UC-101"
    what = Text("The disk is full; the last entry was not saved.", "磁盘已满，最后一次录入未能保存。")
    safe = Text("Everything that showed “Saved” is safe.", "所有已显示“已保存”的内容都是安全的。")
    todo = Text(
        "Free at least 200 MB, or export to a USB stick, then enter it again.",
        "请释放至少 200 MB 空间，或先导出到 U 盘，然后重新录入。",
    )


class WriteFailed(KnownError):
    code = "UC-102"
    what = Text("The computer could not write the file ({reason}).", "计算机无法写入文件（{reason}）。")
    safe = Text("No earlier file was changed.", "原有文件均未改动。")
    todo = Text(
        "Try again; if it happens twice, use another folder or stick.",
        "请重试；若再次失败，请更换文件夹或 U 盘。",
    )


class DatabaseDamaged(KnownError):
    code = "UC-103"
    what = Text("The database file is damaged ({reason}).", "数据库文件已损坏（{reason}）。")
    safe = Text(
        "Nothing was changed. Backups and exported files are not touched.",
        "未作任何改动，备份和已导出的文件不受影响。",
    )
    todo = Text(
        "Do not enter data here. Run “ledger verify”, restore the last backup and call the study office.",
        "请勿在此继续录入。请运行“ledger verify”，恢复最近备份并致电研究办公室。",
    )


class LedgerTampered(KnownError):
    code = "UC-104"
    what = Text(
        "The record of changes was altered: device {device}, entry {seq}.",
        "变更记录被改动：设备 {device}，第 {seq} 条。",
    )
    safe = Text("The entries before it are intact.", "该条之前的记录完好。")
    todo = Text(
        "Stop entering data on this laptop and call the study office.", "请停止在本机录入并致电研究办公室。"
    )


class DatabaseInUse(KnownError):
    code = "UC-105"
    what = Text("The program is already open on this data folder.", "本数据文件夹已被另一个程序窗口打开。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Use the window that is open, or close it first.", "请使用已打开的窗口，或先将其关闭。")


class DataFolderUnusable(KnownError):
    code = "UC-106"
    what = Text("The data folder cannot be used ({reason}).", "数据文件夹不可用（{reason}）。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Choose another folder, or ask for write access.", "请选择其他文件夹，或申请写入权限。")


class NotSetUp(KnownError):
    code = "UC-107"
    what = Text("This data folder has not been set up yet.", "该数据文件夹尚未初始化。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Start the program and follow the set-up.", "请启动程序并完成初始设置。")


class AlreadySetUp(KnownError):
    code = "UC-108"
    what = Text("This data folder is already set up.", "该数据文件夹已完成初始化。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Sign in, or choose another folder.", "请登录，或选择其他文件夹。")


class BackupInvalid(KnownError):
    code = "UC-109"
    what = Text("This file is not a complete backup ({reason}).", "该文件不是完整的备份（{reason}）。")
    safe = Text("The present data were not touched.", "现有数据未受影响。")
    todo = Text("Choose another backup file.", "请选择其他备份文件。")


class LibraryTooOld(KnownError):
    code = "UC-110"
    what = Text("The database library is too old ({reason}).", "数据库组件版本过旧（{reason}）。")
    safe = Text("Nothing was opened.", "未打开任何数据。")
    todo = Text("Install the program again from its installer.", "请使用安装程序重新安装。")


class ReserveUsed(KnownError):
    """Told, not raised: the disk was full, and the entry went into the space kept for that day."""

    code = "UC-111"
    what = Text("The disk is full.", "磁盘已满。")
    safe = Text(
        "This entry is saved; it took the space that was kept back for it.",
        "本次录入已保存，使用了预留空间。",
    )
    todo = Text(
        "Export to a USB stick and free at least 200 MB now; a later entry may not be saved.",
        "请立即导出到 U 盘并释放至少 200 MB 空间；此后的录入可能无法保存。",
    )

    @classmethod
    def text(cls) -> Text:
        """Give the whole message in both languages."""
        parts = (cls.what, cls.safe, cls.todo)
        return Text(
            f"{cls.code} " + " ".join(t.en for t in parts), f"{cls.code} " + "".join(t.zh for t in parts)
        )


# --- UC-2xx accounts --------------------------------------------------------------------------------------------


class WrongPassword(KnownError):
    code = "UC-201"
    what = Text("The user name or the password is wrong.", "用户名或密码错误。")
    safe = Text("Nothing was opened or changed.", "未打开或改动任何内容。")
    todo = Text(
        "Type it again; after five wrong tries the account waits.", "请重新输入；连续错误五次账户将被暂停。"
    )


class AccountLocked(KnownError):
    code = "UC-202"
    what = Text(
        "This account must wait {seconds} s after wrong passwords.",
        "因密码多次错误，该账户需等待 {seconds} 秒。",
    )
    safe = Text("The data are not affected.", "数据不受影响。")
    todo = Text("Wait, or ask an administrator.", "请等待，或联系管理员。")


class KeyslotsBroken(KnownError):
    code = "UC-203"
    what = Text("The file of key slots cannot be read ({reason}).", "密钥文件无法读取（{reason}）。")
    safe = Text("The database itself was not touched.", "数据库本身未受影响。")
    todo = Text(
        "Put back keyslots.json from the backup, or use the recovery sheet with the centre.",
        "请从备份恢复 keyslots.json，或凭恢复单联系中心。",
    )


class WeakPassword(KnownError):
    code = "UC-204"
    what = Text("This password cannot be used: {reason}.", "该密码不可用：{reason}。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text(
        "Use at least 12 characters, or the four-word passphrase offered.",
        "请使用至少 12 个字符，或系统提供的四词口令。",
    )


class NotAllowed(KnownError):
    code = "UC-205"
    what = Text("Your role may not do this ({action}).", "您的角色无权执行此操作（{action}）。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Ask a colleague who has the right: {who}.", "请由有权限的同事操作：{who}。")


class SignedOut(KnownError):
    code = "UC-206"
    what = Text("The screen is locked or nobody is signed in.", "屏幕已锁定或无人登录。")
    safe = Text("Typed drafts are kept.", "已键入的草稿已保留。")
    todo = Text("Sign in.", "请登录。")


class LastAdministrator(KnownError):
    code = "UC-207"
    what = Text("The last administrator cannot be removed.", "不能删除最后一名管理员。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Add another administrator first.", "请先添加另一名管理员。")


class UserExists(KnownError):
    code = "UC-208"
    what = Text("This user name has been used before.", "该用户名已被使用过。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Choose another user name; names are never used twice.", "请另选用户名；用户名不可重复使用。")


class PasswordTemporary(KnownError):
    code = "UC-209"
    what = Text(
        "The password was set by an administrator; nothing is recorded or signed with it.",
        "该密码由管理员设置，不能用于录入或签名。",
    )
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text(
        "Change it first (Settings, Password), then go on.", "请先在“设置—密码”中更改密码，然后继续。"
    )


class SecondPersonNeeded(KnownError):
    code = "UC-215"
    what = Text("The incoming person must be somebody else.", "接班人员必须为另一人。")
    safe = Text("Nothing was recorded.", "未作任何记录。")
    todo = Text("Choose the colleague who takes over.", "请选择接班的同事。")


# --- UC-3xx forms and study -------------------------------------------------------------------------------------


class FormsBroken(KnownError):
    code = "UC-301"
    what = Text(
        "The study forms have {count} problems:\n{problems}", "研究表单存在 {count} 个问题：\n{problems}"
    )
    safe = Text("No data were opened.", "未打开任何数据。")
    todo = Text("Correct the lines named, then run “forms check”.", "请更正上述各行，然后运行“forms check”。")


class UnknownThing(KnownError):
    code = "UC-302"
    what = Text("There is no {kind} “{name}”.", "不存在{kind}“{name}”。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Check the spelling.", "请核对拼写。")


# --- UC-4xx entry -----------------------------------------------------------------------------------------------


class ValueRefused(KnownError):
    """A value outside a hard limit, of the wrong form, or stopped by a blocking check."""

    code = "UC-401"
    what = Text("{message}", "{message}")
    safe = Text("The earlier value, if any, is kept.", "原有数值（如有）仍保留。")
    todo = Text("Correct it, or use “Not done…”.", "请更正，或使用“未做……”。")


class ReasonNeeded(KnownError):
    code = "UC-402"
    what = Text("A saved value may be changed only with a reason.", "修改已保存的数值须填写理由。")
    safe = Text("The saved value is kept.", "已保存的数值仍保留。")
    todo = Text("Give the reason for the change.", "请填写修改理由。")


class ConfirmNeeded(KnownError):
    """A value outside a soft limit: it is asked once and printed with ▲."""

    code = "UC-403"
    what = Text("{message}", "{message}")
    safe = Text("It is not saved yet.", "尚未保存。")
    todo = Text("Check it against the source, then confirm or correct it.", "请与源记录核对后确认或更正。")


class StaleForm(KnownError):
    code = "UC-404"
    what = Text("This value was changed meanwhile.", "该数值已被他人修改。")
    safe = Text("Both entries are kept in the record.", "两次录入均保留在记录中。")
    todo = Text(
        "Look at the new value and enter yours again if it still holds.", "请查看新值，如仍需修改请重新录入。"
    )


class FormLocked(KnownError):
    code = "UC-405"
    what = Text("This form is locked.", "该表单已锁定。")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Ask the investigator to unlock it with a reason.", "请由研究者填写理由后解锁。")


class NotComplete(KnownError):
    code = "UC-406"
    what = Text("The form is not complete: {count} items are open.", "表单尚未完成：还有 {count} 项。")
    safe = Text("Everything entered is saved.", "已录入的内容均已保存。")
    todo = Text(
        "Fill the items listed, or mark them not done with a reason.", "请补全所列项目，或注明未做原因。"
    )


class StepBlocked(KnownError):
    code = "UC-407"
    what = Text("{message}", "{message}")
    safe = Text("Nothing was changed.", "未作任何改动。")
    todo = Text("Resolve what is named, or ask the investigator.", "请先解决上述问题，或请研究者决定。")


class WrongWristband(KnownError):
    code = "UC-431"
    what = Text(
        "The wristband is not that of this participant. Do not connect the bag.",
        "腕带与本受试者不符，禁止连接输注。",
    )
    safe = Text("Nothing has begun. The wrong scan is on record.", "输注未开始，本次错误扫描已留痕。")
    todo = Text(
        "Go to the right bed, or choose the right participant, and scan the wristband on the arm.",
        "请到正确床位或选择正确受试者，并扫描其手腕上的腕带。",
    )


class WrongBag(KnownError):
    code = "UC-432"
    what = Text(
        "This is not the bag received for this infusion. Do not connect it.",
        "该制剂袋不是本次输注接收的制剂，禁止连接。",
    )
    safe = Text("Nothing has begun. The wrong scan is on record.", "输注未开始，本次错误扫描已留痕。")
    todo = Text(
        "Put this bag aside, find the bag named here and scan it. If there is none, call the cell laboratory.",
        "请将此袋另放，找到此处所列袋号并扫描；如找不到，请联系细胞制备室。",
    )


class BagUsed(KnownError):
    code = "UC-433"
    what = Text(
        "This bag was already used: {where}. Do not connect it.", "该制剂袋已使用：{where}。禁止连接。"
    )
    safe = Text("Nothing was recorded for this infusion.", "本次输注未作任何记录。")
    todo = Text(
        "Put the bag aside and call the cell laboratory and the investigator.",
        "请将此袋另放，并联系细胞制备室和研究者。",
    )


class TubeNotTheirs(KnownError):
    code = "UC-441"
    what = Text("This tube belongs to another participant.", "该管不属于这名受试者。")
    safe = Text("Nothing was recorded for either of them.", "两名受试者均未作任何记录。")
    todo = Text(
        "Put this tube down. Look at the wristband on the arm, take that participant's tube, and scan both again.",
        "请放下此管。核对手腕上的腕带，取该受试者的采血管，重新扫描腕带和采血管。",
    )


class TubeUsed(KnownError):
    code = "UC-442"
    what = Text("This tube was already used: {where}.", "该采血管已使用：{where}。")
    safe = Text("The record of that sample was not changed.", "该份标本的记录未改动。")
    todo = Text(
        "Take a tube that has not been used, with a label of its own. Never reprint a label for a second tube.",
        "请取未使用过、贴有独立标签的采血管。不得为第二支管补打同一标签。",
    )


class LabelMisread(KnownError):
    code = "UC-443"
    what = Text(
        "This code is not right: a character of it is wrong or was read wrong.",
        "条码有误：其中有字符错误或误读。",
    )
    safe = Text("Nothing was recorded.", "未作任何记录。")
    todo = Text(
        "Scan again. If it happens twice, compare the code on the label character by character, or print the label again.",
        "请重新扫描。若再次出现，请逐字核对标签上的编码，或补打标签。",
    )


class LabelUnknown(KnownError):
    code = "UC-444"
    what = Text(
        "Participant {subject} is not on this laptop, or there is no such sample.",
        "本机没有受试者 {subject}，或没有该标本。",
    )
    safe = Text("Nothing was recorded.", "未作任何记录。")
    todo = Text(
        "Look at the label: is it of this site and this trial? Use the laptop on which the participant is kept.",
        "请核对标签是否属于本中心和本试验，并使用保存该受试者资料的电脑。",
    )


class BloodNotDrawn(KnownError):
    code = "UC-445"
    what = Text(
        "The blood for this aliquot is not recorded as drawn ({where}).",
        "该分装管所属血样尚无采血记录（{where}）。",
    )
    safe = Text("Nothing was recorded.", "未作任何记录。")
    todo = Text(
        "Look at the time-point on the label. If it is right, record the draw first, with its true time.",
        "请核对标签上的时间点；如无误，请先补录采血及其实际时间。",
    )


class SignatureNotDue(KnownError):
    code = "UC-409"
    what = Text(
        "“{meaning}” cannot be signed with the answers that stand now.",
        "按目前的填写内容，尚不能签署“{meaning}”。",
    )
    safe = Text("Everything entered is saved. Nothing was signed.", "已录入的内容均已保存，未签名。")
    todo = Text(
        "Fill in what is signed, or correct the answer, then sign.", "请先填写或更正所要签署的内容，再签名。"
    )


class AlreadySigned(KnownError):
    code = "UC-410"
    what = Text("{name} has already signed “{meaning}”.", "{name} 已签署“{meaning}”。")
    safe = Text("The signature given stands. No second one was added.", "原签名有效，未重复签名。")
    todo = Text(
        "Let a different person check and sign with their own password, if a signature is still missing.",
        "如仍缺签名，请由另一人核对，并以其本人密码签名。",
    )


class ClockImpossible(KnownError):
    code = "UC-408"
    what = Text(
        "The computer's clock is earlier than the last entry ({last}).",
        "计算机时间早于最近一次记录（{last}）。",
    )
    safe = Text("Everything saved is safe.", "已保存的内容是安全的。")
    todo = Text("Set the clock right, then sign in again.", "请校正时钟后重新登录。")


class ClockUnconfirmed(KnownError):
    """The laptop's clock went back or shows an impossible date: one reading of the ward clock lets all go on."""

    code = "UC-420"
    what = Text(
        "This laptop's clock cannot be believed: it is earlier than the last entry.",
        "本机时钟不可信：早于最近一次录入的时间。",
    )
    safe = Text(
        "Everything saved before is safe. What is typed stays in its field.",
        "此前保存的内容是安全的，键入内容仍保留在字段中。",
    )
    todo = Text(
        "Read the ward clock and confirm the time; then save again.",
        "请核对病区时钟并确认时间，然后重新保存。",
    )


# --- UC-5xx sealed files ----------------------------------------------------------------------------------------


class StickReadOnly(KnownError):
    code = "UC-501"
    what = Text("The stick or folder is write-protected.", "U 盘或文件夹处于写保护状态。")
    safe = Text(
        "All entries are still in this laptop; nothing was written.", "所有记录仍在本机，未写入任何文件。"
    )
    todo = Text("Use another stick, or remove the write protection.", "请更换 U 盘，或解除写保护。")


class StickGone(KnownError):
    code = "UC-502"
    what = Text("The stick was removed while the file was written.", "写入过程中 U 盘被拔出。")
    safe = Text("All entries are still in this laptop.", "所有记录仍在本机。")
    todo = Text("Insert it and export again.", "请重新插入并再次导出。")


class SealBroken(KnownError):
    code = "UC-503"
    what = Text(
        "This sealed file is damaged or was altered ({reason}).", "该加密文件已损坏或被改动（{reason}）。"
    )
    safe = Text("It was set aside; nothing was imported from it.", "已隔离该文件，未导入任何内容。")
    todo = Text("Ask the sender to export again.", "请发送方重新导出。")


class NotARecipient(KnownError):
    code = "UC-504"
    what = Text("This file was not sealed for this key.", "该文件不是用本密钥对应的公钥加密的。")
    safe = Text("Nothing was imported.", "未导入任何内容。")
    todo = Text("Use the key it was sealed for.", "请使用对应的密钥。")


class FileTooLarge(KnownError):
    code = "UC-505"
    what = Text("The file is larger than allowed ({limit}).", "文件超过允许大小（{limit}）。")
    safe = Text("Nothing was read from it.", "未读取其中内容。")
    todo = Text("Check that it is the right file.", "请确认文件是否正确。")


class UnknownDevice(KnownError):
    code = "UC-506"
    what = Text(
        "The file comes from a device that is not registered ({device}).",
        "文件来自未登记的设备（{device}）。",
    )
    safe = Text("It was set aside; nothing was imported.", "已隔离该文件，未导入任何内容。")
    todo = Text("Register the device's public key, then import again.", "请先登记该设备公钥后重新导入。")


class ChainBroken(KnownError):
    code = "UC-507"
    what = Text(
        "The entries in the file do not join those already here (device {device}, entry {seq}).",
        "文件中的记录与已有记录不衔接（设备 {device}，第 {seq} 条）。",
    )
    safe = Text("It was set aside; nothing was imported.", "已隔离该文件，未导入任何内容。")
    todo = Text("Ask the ward for a full export.", "请病区重新完整导出。")


class ForkFound(KnownError):
    code = "UC-508"
    what = Text(
        "ALARM: device {device} sent a different entry {seq}: its disk was copied or rolled back.",
        "警报：设备 {device} 的第 {seq} 条与已有记录不同：其磁盘可能被复制或回滚。",
    )
    safe = Text("Both versions are kept; nothing was overwritten.", "两个版本均已保留，未覆盖任何内容。")
    todo = Text("Call the ward before anything else is imported.", "请先致电病区，再导入其他文件。")


# --- UC-6xx paper and program files -----------------------------------------------------------------------------


class FontsMissing(KnownError):
    code = "UC-601"
    what = Text("The program's fonts are missing ({name}).", "程序字体缺失（{name}）。")
    safe = Text("The data are not affected.", "数据不受影响。")
    todo = Text(
        "Install the program again, or put back the folder resources/fonts.",
        "请重新安装程序，或恢复 resources/fonts 文件夹。",
    )


class GlyphMissing(KnownError):
    code = "UC-602"
    what = Text(
        "The character {char} cannot be printed with the program's fonts.", "程序字体无法打印字符 {char}。"
    )
    safe = Text("The data are not affected; no page was made.", "数据不受影响；未生成页面。")
    todo = Text("Tell the study office the character.", "请将该字符告知研究办公室。")


class ResourceMissing(KnownError):
    code = "UC-603"
    what = Text("A file of the program is missing ({name}).", "程序文件缺失（{name}）。")
    safe = Text("The data are not affected.", "数据不受影响。")
    todo = Text("Install the program again.", "请重新安装程序。")

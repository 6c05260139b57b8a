"""The closed table of reason codes: what a verdict or an alert says, and what to do about it.

A code is stable: once published it keeps its meaning. `message` says what was found, `advice` what the person in front
of the camera (or the operator) can do, both in English and Chinese. Neither ever holds personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a reason asks for when nothing stronger speaks."""

    DECLINE = "decline"
    RETAKE = "retake"
    REVIEW = "review"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Reason:
    """One row of the table."""

    code: str
    effect: Effect
    message: str
    advice_en: str
    advice_zh: str

    @property
    def severity(self) -> str:
        """How an alert weighs: `blocking` asks for another picture or refuses, `warning` sends it to a person, `hint`."""
        return {Effect.DECLINE: "blocking", Effect.RETAKE: "blocking", Effect.REVIEW: "warning"}.get(
            self.effect, "hint"
        )


def _table(*rows: tuple[str, Effect, str, str, str]) -> dict[str, Reason]:
    return {row[0]: Reason(*row) for row in rows}


_D, _T, _V, _H = Effect.DECLINE, Effect.RETAKE, Effect.REVIEW, Effect.HINT

# fmt: off
REASONS: dict[str, Reason] = _table(
    # --- the picture of a document
    ("document_missing", _T, "No picture of this side was given.", "Take a picture of this side of the card.", "请拍摄证件的这一面。"),
    ("not_a_document", _T, "No ID card was found in the picture.", "Lay the card flat and let it fill the frame.", "请将证件平放并充满取景框。"),
    ("wrong_side", _T, "The picture shows the other side of the card.", "Turn the card over and take the picture again.", "请翻到证件的另一面重新拍摄。"),
    ("same_side_twice", _T, "Both pictures show the same side of a card.", "Take one picture of each side.", "请分别拍摄证件的正反两面。"),
    ("fields_unreadable", _T, "Not every field could be read.", "Hold the card still in even light, without glare or fingers on it.", "请在光线均匀处拿稳证件，避免反光和手指遮挡。"),
    ("number_unreadable", _T, "The ID number could not be read.", "Keep the number free of fingers and glare.", "请勿遮挡身份证号码，并避免反光。"),
    ("text_uncertain", _V, "A field was read, but not with enough certainty.", "Hold the card closer and keep it sharp.", "请靠近拍摄并保持清晰。"),
    ("border_incomplete", _T, "A part of the card lies outside the picture.", "Keep all four corners of the card in the picture.", "请将证件四角完整置于画面内。"),
    ("occluded", _T, "Something lies over a field of the card.", "Keep fingers and objects off the print.", "请勿用手指或其他物品遮挡证件文字。"),
    ("reflection", _T, "Reflected light has burnt out a part of a field.", "Tilt the card a little so that no light is reflected.", "请略微倾斜证件以避免反光。"),
    ("blurred", _T, "The card is too blurred for its fields to be trusted.", "Hold the camera still and let it focus.", "请拿稳相机并等待对焦。"),
    ("too_dark", _T, "The card is too dark.", "Turn on a light or move to a brighter place.", "光线过暗，请在明亮处拍摄。"),
    ("too_bright", _T, "The card is overexposed.", "Move out of the strong light and switch the flash off.", "画面过曝，请避开强光并关闭闪光灯。"),
    ("low_resolution", _T, "The card has too few pixels for its fields to be trusted.", "Move the camera closer to the card.", "证件过小，请将相机靠近证件。"),
    ("photocopy", _T, "The picture shows a black-and-white copy of a card.", "Take a picture of the original card.", "请拍摄证件原件，不要使用复印件。"),
    ("paper_copy", _V, "The card has not the edge or the round corners of a card, but white paper there: it may be a colour copy.", "Lay the original card itself on a darker surface.", "请将证件原件平放在深色平面上拍摄。"),
    ("screen_recapture", _T, "The picture was taken of a screen.", "Take a picture of the original card, not of a screen.", "请拍摄证件原件，不要翻拍屏幕。"),
    ("electronic_id", _T, "The picture is a screenshot of a card.", "Take a picture of the original card with the camera.", "请用相机拍摄证件原件，不要使用截图。"),
    ("temporary_id", _V, "The card is a temporary ID card.", "Use the resident ID card, or have a person accept the temporary one.", "此为临时居民身份证，请使用居民身份证或转人工审核。"),
    ("several_documents", _V, "More than one card is in the picture.", "Only one card may be in the picture.", "画面中只能有一张证件。"),
    ("edited", _H, "A field has another grain than the card around it; it may have been edited.", "Compare the field with the original card.", "该区域与周围的噪点不一致，可能经过编辑，请核对原件。"),
    # --- what the card says
    ("check_character_wrong", _V, "The check character of the ID number is wrong.", "Take the picture again; if it repeats, the number is not genuine.", "请重新拍摄；若仍出现，则号码不真实。"),
    ("birth_date_mismatch", _V, "The printed birth date is not the one in the number.", "Ask for the original card.", "出生日期与号码不符，请核验原件。"),
    ("birth_date_impossible", _V, "The birth date does not exist or lies in the future.", "Ask for the original card.", "出生日期不存在或在将来，请核验原件。"),
    ("sex_mismatch", _V, "The printed sex is not the one in the number.", "Ask for the original card.", "性别与号码不符，请核验原件。"),
    ("kind_mismatch", _T, "The picture shows another kind of document than was asked for.", "Show the document that was asked for.", "请出示所要求的证件。"),
    ("mrz_invalid", _V, "The machine readable zone contradicts its own check digits.", "Take the picture again, flat and sharp; if it repeats, ask for the original document.", "请将证件平放并清晰地重新拍摄；若仍出现，请核验原件。"),
    ("mrz_ambiguous", _V, "More than one reading of the machine readable zone satisfies its check digits.", "Move the camera closer to the two or three lines at the bottom, or compare the candidates with the document.", "请靠近拍摄证件底部的机读码，或将候选结果与证件核对。"),
    ("mrz_visual_mismatch", _V, "The machine readable zone and the printed fields do not say the same.", "Ask for the original document.", "机读码与证件印刷信息不一致，请核验原件。"),
    ("sides_differ", _V, "The two sides do not say the same of one holder.", "Take a picture of both sides of one document.", "证件正反两面信息不一致，请拍摄同一证件的两面。"),
    ("document_expired", _D, "The card has expired.", "Use a card that is still valid.", "证件已过有效期，请使用有效证件。"),
    ("not_yet_valid", _D, "The card's validity begins in the future.", "Ask for the original card.", "证件尚未生效，请核验原件。"),
    ("validity_reversed", _D, "The card's validity ends before it begins.", "Ask for the original card.", "有效期起止颠倒，请核验原件。"),
    ("validity_span_impossible", _V, "The card's validity is not of a length the law knows.", "Compare the validity with the card.", "有效期限长度不符合规定，请核对证件。"),
    ("validity_span_unusual", _V, "The card's validity is not one the law provides for the holder's age.", "Compare the validity with the card.", "有效期限与持证人年龄不符合规定，请核对证件。"),
    ("document_expiring", _H, "The card will expire soon.", "Renew the card in time.", "证件即将到期，请及时换领。"),
    ("issued_before_birth", _V, "The card is valid from a day before the holder's birth.", "Ask for the original card.", "签发日期早于出生日期，请核验原件。"),
    ("generation_impossible", _V, "The card is valid from a day when cards of this kind were not issued yet.", "Ask for the original card.", "签发日期早于第二代居民身份证启用日期，请核验原件。"),
    ("region_code_unknown", _H, "The number begins with a region code that no table knows.", "Compare the number with the card.", "号码前六位不是已知的行政区划代码，请核对号码。"),
    ("number_region_differs", _H, "The number was given in another region than the one the card names.", "Nothing: people move.", "号码的地区与证件所载地区不同，属常见情况，无需处理。"),
    ("authority_mismatch", _V, "The authority that issued the card is not that of the address.", "Take both sides of the same card.", "签发机关与住址不属于同一地区，请拍摄同一张证件的正反两面。"),
    ("authority_region_unknown", _H, "The region of the address or of the issuing authority is not known.", "Compare both with the card.", "无法识别住址或签发机关所属地区，请核对证件。"),
    ("name_variant", _H, "A character of the name can be read in two ways.", "Compare the name with the card.", "姓名中有易混淆的字，请与证件核对。"),
    # --- what the applicant typed
    ("claimed_name_differs", _V, "The name that was typed is not the one on the card.", "Compare the name with the card.", "填写的姓名与证件不符，请核对。"),
    ("claimed_name_variant", _V, "The name that was typed differs from the one read by look-alike or traditional characters only.", "Compare the name with the card.", "填写的姓名与读取的姓名仅有异体或形近字之别，请核对。"),
    ("claimed_number_differs", _V, "The number that was typed is not the one on the card.", "Compare the number with the card.", "填写的号码与证件不符，请核对。"),
    # --- the faces
    ("portrait_not_found", _T, "The card's portrait was not found.", "Keep the portrait free of fingers and glare.", "请勿遮挡证件照片，并避免反光。"),
    ("portrait_too_small", _T, "The card's portrait has too few pixels to compare.", "Move the camera closer to the card.", "请将相机靠近证件。"),
    ("portrait_blurred", _T, "The card's portrait is too blurred to compare.", "Hold the camera still and let it focus on the card.", "请拿稳相机并对焦于证件。"),
    ("portrait_dark", _T, "The card's portrait is too dark to compare.", "Take the card's picture in brighter light.", "请在明亮处拍摄证件。"),
    ("portrait_bright", _T, "The card's portrait is too bright to compare.", "Avoid strong light and reflections on the card.", "请避免强光和证件反光。"),
    ("portrait_turned", _T, "The card's portrait does not look at the camera.", "Lay the card flat and take its picture from above.", "请将证件平放并从正上方拍摄。"),
    ("portrait_covered", _T, "Something lies over the card's portrait.", "Keep the portrait free of fingers and glare.", "请勿遮挡证件照片，并避免反光。"),
    ("face_not_found", _T, "No face was found in the selfie.", "Face the camera in even light.", "请在光线均匀处正对相机。"),
    ("several_faces", _T, "More than one face is in the selfie.", "Only one person may be in the picture.", "画面中只能有一个人。"),
    ("face_too_small", _T, "The face in the selfie is too small.", "Move closer to the camera.", "请靠近相机。"),
    ("face_margin_small", _T, "There is too little around the face to judge whether a live person is shown.", "Move back a little so that head and shoulders are in the picture.", "请稍微后退，使头部和肩部都在画面内。"),
    ("face_blurred", _T, "The face is blurred.", "Hold the camera still.", "请拿稳相机。"),
    ("face_turned", _T, "The face is turned away.", "Look straight into the camera.", "请正视相机。"),
    ("face_lowered", _T, "The head is raised or lowered.", "Hold the camera at the height of your eyes.", "请将相机与眼睛保持同一高度。"),
    ("face_tilted", _T, "The head leans to one side.", "Hold head and camera upright.", "请保持头部和相机端正。"),
    ("face_dark", _T, "The face is too dark.", "Turn toward the light.", "请面向光源。"),
    ("face_bright", _T, "The face is too bright.", "Turn away from the strong light.", "请避开强光。"),
    ("face_one_sided", _T, "One half of the face lies in the dark.", "Turn so that the light falls on the whole face.", "请调整方向，使光线均匀照在脸上。"),
    ("face_covered", _T, "Mouth or nose is covered.", "Take off the mask and keep hands away from the face.", "请摘下口罩，手不要遮挡面部。"),
    ("eyes_covered", _T, "The eyes are covered.", "Take off dark glasses and keep hair and hands away from the eyes.", "请摘下墨镜，头发和手不要遮挡眼睛。"),
    ("eyes_closed", _T, "The eyes are closed.", "Keep your eyes open and look into the camera.", "请睁开眼睛看向相机。"),
    ("face_mismatch", _D, "The person in the selfie is not the one on the card.", "The holder of the card must take the selfie.", "请由证件本人自拍。"),
    ("face_borderline", _V, "The faces match, but so narrowly that the threshold itself is uncertain there.", "A person should compare the two faces.", "人脸相似度刚达到阈值，请人工比对。"),
    ("face_uncertain", _V, "The faces are neither clearly alike nor clearly different.", "A person should compare the two faces.", "人脸相似度处于临界值，请人工比对。"),
    ("presentation_attack", _D, "The selfie shows a picture or a screen, not a live person.", "Take the selfie of a live person.", "请由本人现场自拍。"),
    ("liveness_uncertain", _T, "It could not be judged whether a live person is shown.", "Take the selfie again in even light, head and shoulders in the picture.", "请在光线均匀处重新自拍，并露出头部和肩部。"),
    ("screen_edge_seen", _H, "Straight edges close around the face as those of a screen do.", "Hold no telephone or screen into the camera; do not stand before a mirror or a door frame.", "请勿将手机或屏幕对准镜头，并避开镜子和门框。"),
    ("paper_edge_seen", _H, "Straight edges with white beside them close around the face as those of a printed picture do.", "Hold no printed picture into the camera; do not stand before a poster or a picture frame.", "请勿将打印照片对准镜头，并避开海报和相框。"),
    ("moire", _H, "A regular grid runs through the whole picture, as when a screen or a print is photographed.", "Take the selfie of the person, not of a picture.", "请拍摄本人，不要翻拍照片或屏幕。"),
    ("selfie_is_portrait", _V, "The selfie is the same picture as the card's portrait.", "Take a new selfie with the camera.", "请用相机现场自拍，不要使用证件照。"),
    ("frames_identical", _H, "Two of the frames are the same picture.", "Take the frames one after another with the camera.", "请用相机连续拍摄，不要重复提交同一张照片。"),
    ("frames_unusable", _H, "Not every frame shows the face at the same size of picture.", "Keep the face in the picture until all frames are taken.", "拍摄过程中请保持人脸在画面内。"),
    ("motion_planar", _H, "Between the frames the face moved together with its surroundings, as a flat picture does.", "Hold the camera still and turn your head a little.", "请保持相机不动，并轻微转动头部。"),
    ("motion_missing", _H, "Between the frames nothing moved, not even a little.", "Hold the camera in your hand and look into it.", "请手持相机并注视镜头。"),
    # --- one against many
    ("duplicate_face", _V, "The same face was verified under another number.", "A person should compare this case with the ones that are named.", "同一人脸曾以其他号码核验，请人工比对所列案例。"),
    ("blocklisted_face", _V, "The face is like one on the blocklist.", "A person should compare this case with the ones that are named.", "人脸与黑名单中的人脸相似，请人工比对所列案例。"),
    ("face_not_searched", _V, "The applicant did not agree to being compared with others.", "A person should decide without that comparison, or ask for the consent.", "申请人未同意与其他人脸比对，请人工审核或征得同意。"),
    ("face_known", _H, "The same face was verified before under the same number.", "Nothing: the person came back.", "同一人曾以同一号码核验，无需处理。"),
    # --- the phone
    ("face_not_compared", _V, "The case was opened without biometrics; no face was compared.", "A person should compare the holder with the card.", "本次核验未使用人脸识别，请人工核对持证人与证件。"),
    ("phone_unconfirmed", _V, "The phone number has not been confirmed.", "Confirm the phone number with the code sent by SMS.", "请用短信验证码确认手机号码。"),
    ("carrier_mismatch", _V, "The carrier does not know the phone number under the name or number that was typed.", "Use a phone number in the applicant's own name.", "请使用本人实名登记的手机号码。"),
    ("carrier_unknown", _V, "The carrier could not say whose phone number it is.", "Compare name and phone number in another way.", "暂无法核验手机号码的实名信息，请人工核对。"),
)
# fmt: on


ALWAYS_REVIEW = frozenset({"duplicate_face", "blocklisted_face", "face_not_searched"})
"""What one against many says: among enough faces somebody is alike by chance, so that no policy may refuse for it."""
POOR_PORTRAIT = frozenset(
    {
        "portrait_too_small",
        "portrait_blurred",
        "portrait_dark",
        "portrait_bright",
        "portrait_turned",
        "portrait_covered",
    }
)
"""What the policy's `face.poor_portrait` decides: a better picture of the card, or a person who looks."""


def reason(code: str) -> Reason:
    """The row of a code. An unknown code is a programming error (KeyError)."""
    return REASONS[code]

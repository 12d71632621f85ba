"""Models that are known to read text only, by their names: the profiles of pydantic-ai know few of them."""

import re

from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.profiles import ModelProfile, merge_profile

_TEXT_ONLY_PATTERN = re.compile(
    r'gpt-3\.5|gpt-oss|o1-(mini|preview)|o3-mini|deepseek-(r1|v3|coder)|codestral|mixtral|mistral-7b|mistral-nemo'
    r'|llama-?[23](?!\.2)(\.\d)?(?!\d)|codellama|tinyllama|qwen-?2(\.5)?(?![\d.])|qwen-?3(?![\d.])|qwq|gemma-?2(?!\d)'
    r'|phi-?[34](?!\d)|smollm2|starcoder|command-r|granite3'
)
_VISION_PATTERN = re.compile(r'vl\b|-vl|vision|omni|llava|multimodal|audio')


def lacks_vision(name: str) -> bool:
    """Whether a model is known to read no images. What is not known is not said."""
    model = name.rpartition('/')[2].lower() if '/' in name else name.partition(':')[2].lower()
    return bool(_TEXT_ONLY_PATTERN.match(model)) and not _VISION_PATTERN.search(model)


class TextOnlyModel(WrapperModel):
    """A model that is sent no images."""

    @property
    def profile(self) -> ModelProfile:  # pyright: ignore[reportIncompatibleVariableOverride]  # as in its base
        return merge_profile(self.wrapped.profile, ModelProfile(supports_image_input=False))

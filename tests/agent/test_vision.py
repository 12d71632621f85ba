"""Which models are known to read no images: those that are text only, and none of which that is not known."""

import pytest

from chat.agent.model_capabilities import lacks_vision

TEXT_ONLY = """openai:gpt-3.5-turbo openai:o3-mini ollama:llama3 ollama:llama3.1:8b ollama:llama3.3:70b
    ollama:qwen2.5:7b ollama:qwen3:8b ollama:phi4 ollama:gemma2:9b ollama:deepseek-r1:8b ollama:mistral-nemo
    groq:llama-3.3-70b-versatile server:gpt-oss-20b server:Qwen/Qwen3-8B"""

OTHERS = """openai:gpt-5.2 openai:o1 openai:o3 anthropic:claude-sonnet-5 demo ollama:llama4 ollama:llava
    ollama:qwen2.5vl:7b ollama:qwen3-vl ollama:qwen3.5:9b ollama:gemma3:4b ollama:phi4-multimodal
    ollama:llama3.2-vision server:Qwen/Qwen2.5-VL-7B server:phi-3-vision-128k
    ollama:mistral-small3.1 ollama:qwen2.5-omni"""


@pytest.mark.parametrize('name', TEXT_ONLY.split())
def test_text_only(name: str) -> None:
    assert lacks_vision(name)


@pytest.mark.parametrize('name', OTHERS.split())
def test_nothing_known_against_it(name: str) -> None:
    assert not lacks_vision(name)

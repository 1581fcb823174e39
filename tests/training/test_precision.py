import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from cyclorama.training.precision import autocast


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_attention_stays_in_float32_on_the_cpu_and_matrix_products_do_as_asked(precision: str):
    query, key, value = torch.randn(3, 2, 4, 8, 16, generator=torch.Generator().manual_seed(0), requires_grad=True)
    wanted = scaled_dot_product_attention(query, key, value)
    with autocast(torch.device("cpu"), precision):
        attended = scaled_dot_product_attention(query, key=key, value=value)
        product = query @ key.mT
        halved = scaled_dot_product_attention(query.bfloat16(), key.bfloat16(), value.bfloat16())
    assert torch.equal(attended, wanted)
    assert product.dtype == (torch.bfloat16 if precision == "bf16" else torch.float32)
    assert halved.dtype == torch.bfloat16

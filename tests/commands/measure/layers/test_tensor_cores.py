"""Names of kernels as torch's profiler shows them, and whether they tell of tensor cores."""

from __future__ import annotations

import pytest

from archprof.commands.measure.layers.tensor_cores import tensor_cores

USING = [
    # cuBLAS and CUTLASS; the digits are the shape of the mma instruction
    "ampere_fp16_s16816gemm_fp16_128x64_ldg8_f2f_stages_64x4_tn",
    "ampere_bf16_s1688gemm_bf16_128x128_ldg8_f2f_tn",
    "volta_h884gemm_64x128_ldg8_nn",
    "turing_fp16_s1688cudnn_fp16_128x128_ldg8_relu_f2f_exp_small_nhwc_tn_v1",
    "void cutlass::Kernel2<cutlass_80_wmma_tensorop_bf16_s161616gemm_bf16_16x16_128x2_tn_align8>",
    "void cutlass::Kernel2<cutlass_80_tensorop_s1688gemm_128x64_16x6_nn_align4>(Params)",
    "void cutlass__5x_cudnn::Kernel<cutlass_tensorop_s1688fprop_optimized_tf32_128x64_16x6>",
    # xmma of cuBLAS and cuDNN
    "sm80_xmma_fprop_implicit_gemm_tf32f32_tf32f32_f32_nhwckrsc_nchw_tilesize128x128x16_stage4"
    "_warpsize2x2x1_g1_tensor16x8x8_execute_kernel__5x_cudnn",
    "sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64_warpgroupsize1x1x1"
    "_execute_segment_k_off_kernel__5x_cublas",
    # Hopper
    "void cutlass::device_kernel<cutlass::gemm::collective::MainloopSm90TmaGmmaWarpSpecialized<4>>",
    "nvjet_hsh_128x256_64x4_2x1_v_bz_coopA_NNT",
    "nvjet_sm100_tst_128x256_64x6_2x1_v_bz_TNT",
    "cudnn_generated_fort_native_sdpa_sm90_flash_fprop_wgmma_f16_knob_7_64x128x64_4x1x1_kernel0_0",
    # attention
    "void pytorch_flash::flash_fwd_kernel<pytorch_flash::Flash_fwd_kernel_traits<64, 128, 128, 4>>",
    "fmha_cutlassF_bf16_aligned_64x64_rf_sm80(PyTorchMemEffAttention::Params)",
    "fmha_cutlassF_f32_aligned_64x64_rf_sm80(PyTorchMemEffAttention::Params)",
    "fmha_cutlassF_f16_aligned_64x64_rf_sm75(PyTorchMemEffAttention::Params)",
]
WITHOUT = [
    "ampere_sgemm_128x64_tn",
    "volta_scudnn_winograd_128x128_ldg1_ldg4_relu_tile148t_nt_v1",
    "void cudnn::cnn::implicit_convolve_sgemm<float, float, 1024, 5, 5, 3, 3, 3, 1, false>",
    "void cutlass::Kernel2<cutlass_80_simt_sgemm_128x64_8x5_nn_align1>(Params)",
    "sm80_xmma_fprop_implicit_gemm_indexed_f32f32_f32f32_f32_nchwkcrs_nchw_tilesize32x32x8_stage3"
    "_warpsize1x2x1_g1_ffma_aligna4_alignc4_execute_kernel__5x_cudnn",
    "fmha_cutlassF_f32_aligned_64x64_rf_sm75(PyTorchMemEffAttention::Params)",
    "void gemv2T_kernel_val<int, int, float, float, float, float, 128, 16, 4, 4, false>",
    "void cublasLt::splitKreduce_kernel<32, 16, int, float, __nv_bfloat16>",
    "void cudnn::ops::nchwToNhwcKernel<float, float, float, false, true>",
    "triton_poi_fused_add_relu_3",
    "triton_per_fused_native_layer_norm_0",
    "void at::native::vectorized_elementwise_kernel<4, at::native::FillFunctor<float>>",
    "void at::native::(anonymous namespace)::conv_depthwise2d_forward_kernel<3, float, int>",
    "void at::native::(anonymous namespace)::lgamma_kernel<float>",
    "Memcpy DtoD (Device -> Device)",
    "Memset (Device)",
]
UNTOLD = [
    "triton_tem_fused_mm_0",  # tl.dot: on tensor cores or not, by the dtype and its precision
    "nvjet_sss_128x64_32x6_h_bz_TNN",  # float32 in and out
    "void cudnn::cnn::conv2d_grouped_direct_kernel<false, true, false, false, 0, 0, int, float>",
    "my_gemm_kernel",
]


@pytest.mark.parametrize("name", USING)
def test_names_that_tell_of_tensor_cores(name: str) -> None:
    assert tensor_cores(name) is True


@pytest.mark.parametrize("name", WITHOUT)
def test_names_that_tell_of_none(name: str) -> None:
    assert tensor_cores(name) is False


@pytest.mark.parametrize("name", UNTOLD)
def test_names_that_tell_nothing(name: str) -> None:
    assert tensor_cores(name) is None

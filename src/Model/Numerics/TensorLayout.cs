using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>Copies of tensors in the layouts that kernels and messages want; each copy owns fresh, 64-byte-aligned memory.</summary>
internal static class TensorLayout
{
    private const int Alignment = 16; // numbers: cuDNN's kernels want 16 bytes, a cache line has 64

    /// <summary>A copy of an NCHW tensor as its device's convolutions want it: channels-last on the processor, else row-major, which cuDNN's float32 kernels are made for.</summary>
    public static Tensor ForKernels(Tensor t_NCHW) => t_NCHW.device_type == DeviceType.CPU ? ChannelsLast(t_NCHW) : RowMajor(t_NCHW);

    /// <summary>A row-major copy.</summary>
    public static Tensor RowMajor(Tensor t) => t.is_contiguous() ? t.clone() : t.contiguous();

    /// <summary>A channels-last copy of an NCHW tensor (same logical shape): oneDNN and batch norm need no reorders in it.</summary>
    public static Tensor ChannelsLast(Tensor t_NCHW)
    {
        var s = t_NCHW.shape;
        using var storage = empty(s[0], s[2], s[3], s[1], dtype: t_NCHW.dtype, device: t_NCHW.device);
        var view = storage.permute(0, 3, 1, 2);
        view.copy_(t_NCHW);
        return view;
    }

    /// <summary>Room for an NCHW tensor of the same shape, in the layout of <see cref="ForKernels"/>, or for one of other dimensions.</summary>
    public static Tensor EmptyLike(Tensor t)
    {
        var s = t.shape;
        if (s.Length != 4 || t.device_type != DeviceType.CPU)
        {
            return empty(s, dtype: t.dtype, device: t.device);
        }

        using var storage = empty(s[0], s[2], s[3], s[1], dtype: t.dtype, device: t.device);
        return storage.permute(0, 3, 1, 2);
    }

    /// <summary>The elements in the order of memory as a row-major tensor over the same memory; null for layouts other than row-major and channels-last.</summary>
    public static Tensor? InMemoryOrder(Tensor t)
    {
        if (t.is_contiguous())
        {
            return t.detach();
        }

        if (t.ndim != 4)
        {
            return null;
        }

        using var detached = t.detach();
        var last = detached.permute(0, 2, 3, 1);
        if (last.is_contiguous())
        {
            return last;
        }

        last.Dispose();
        return null;
    }

    /// <summary>The same memory under a handle of its own, in the graph; TorchSharp's alias lets errors end the process.</summary>
    public static Tensor View(Tensor contiguous) => contiguous.view(contiguous.shape);

    /// <summary>The tensors on another device, in one copy and in their own order of memory; gives up those passed in.</summary>
    public static Tensor[] MoveTogether(IReadOnlyList<Tensor> tensors, Device device)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var dense = tensors.Select(t => InMemoryOrder(t) is null ? t.contiguous() : t.detach()).ToArray();
        var places = new long[dense.Length];
        var count = 0L;
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = count;
            count += (dense[i].numel() + Alignment - 1) / Alignment * Alignment;
        }

        var packed = empty(count, dtype: dense[0].dtype, device: dense[0].device);
        for (var i = 0; i < places.Length; i++)
        {
            packed.as_strided(dense[i].shape, dense[i].stride(), places[i]).copy_(dense[i]);
            tensors[i].Dispose();
        }

        var moved = packed.to(device);
        return [.. dense.Select((t, i) => moved.as_strided(t.shape, t.stride(), places[i]).DetachFromDisposeScope())];
    }

    /// <summary>The tensor in the layout of <see cref="ForKernels"/>, itself where it has it already, row-major if it is not one of images or kernels; gives up the one passed in.</summary>
    public static Tensor InKernelOrder(Tensor t)
    {
        var isChannelsLast = t.ndim == 4 && t.device_type == DeviceType.CPU;
        using var ordered = isChannelsLast ? t.permute(0, 2, 3, 1) : t.detach();
        if (ordered.is_contiguous())
        {
            return t;
        }

        using (t)
        {
            return isChannelsLast ? ChannelsLast(t) : t.contiguous();
        }
    }

    /// <summary>The tensor on another device; gives up the one passed in.</summary>
    public static Tensor Move(Tensor t, Device device)
    {
        using var given = t;
        using var detached = given.detach();
        return detached.to(device).DetachFromDisposeScope();
    }

    /// <summary>The elements in row-major order as little-endian bytes.</summary>
    public static byte[] ToBytes(Tensor t)
    {
        using var detached = t.detach();
        using var local = detached.cpu();
        using var contiguous = local.contiguous();
        return contiguous.bytes.ToArray();
    }
}

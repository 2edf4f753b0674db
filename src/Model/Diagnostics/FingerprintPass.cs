using System.Security.Cryptography;
using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Diagnostics;

// Shape suffixes: B batch, C channels, H height, W width, O classes.

/// <summary>A convolution, batch norm, softplus and linear, forward and backward, once in each memory format, and our own kernels.</summary>
internal static class FingerprintPass
{
    private const int Batch = 4;
    private const int Inputs = 16;
    private const int Channels = 32;
    private const int Side = 14;
    private const int Classes = 10;
    private const double SharpBeta = 1e3; // makes denormal numbers

    /// <summary>The hash of every repetition, with one intra-op thread.</summary>
    public static string[] Hashes(string device, int count) =>
        OneIntraOpThread.Run<string[]>("fingerprint", () => [.. Enumerable.Range(0, count).Select(_ => Hash(torch.device(device)))]);

    private static string Hash(Device device)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        using var flush = FlushToZero.Begin();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var channelsLast in (bool[])[false, true])
        {
            foreach (var tensor in Run(device, channelsLast))
            {
                hash.AppendData(tensor.cpu().contiguous().bytes);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static Tensor[] Run(Device device, bool channelsLast)
    {
        var random = RandomSource.For(0, RandomPurpose.Fingerprint);
        var x_BCHW = Draw(ref random, device, channelsLast, Batch, Inputs, Side, Side);
        var kernel = Draw(ref random, device, channelsLast, Channels, Inputs, 3, 3);
        var gain = Draw(ref random, device, false, Channels);
        var shift = Draw(ref random, device, false, Channels);
        var weight = Draw(ref random, device, false, Classes, Channels * Side * Side);

        var y_BCHW = functional.conv2d(x_BCHW, kernel, padding: [1, 1]);
        y_BCHW = functional.batch_norm(y_BCHW, null, null, gain, shift, training: true);
        y_BCHW = y_BCHW.Softplus(5, 20);
        var logits_BO = functional.linear(y_BCHW.flatten(1), weight);
        var logLikelihood_BO = logits_BO.log_softmax(1);
        var loss = (logLikelihood_BO * logLikelihood_BO).mean();
        var slopes = LeafGradients.Of(loss, [x_BCHW, kernel, gain, shift, weight]);
        return [loss, .. slopes, .. RunKernels(x_BCHW, slopes[0])];
    }

    private static Tensor[] RunKernels(Tensor x_BCHW, Tensor g_BCHW)
    {
        using var _ = no_grad();
        var (channels, softplus) = (IChannelKernels.For(x_BCHW), ISoftplusKernels.For(x_BCHW));
        var (mean, deviation) = channels.Moments(x_BCHW);
        var sums = channels.Sums(g_BCHW, (x_BCHW, mean));
        var y_BCHW = channels.Combine(mean, (x_BCHW, deviation), (g_BCHW, sums[..mean.Length]));
        var (slope, result) = softplus.BackwardToInput(x_BCHW, y_BCHW, SharpBeta);
        var (adjoint, second, sum) = softplus.Adjoint(g_BCHW, result, slope, x_BCHW);
        return [tensor(deviation), tensor(sums), y_BCHW, result, adjoint, second, sum];
    }

    private static Tensor Draw(ref RandomSource random, Device device, bool channelsLast, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(random.NextDouble() - 0.5);
        }

        // The clone is libtorch's own memory, aligned to 64 bytes; the first tensor may sit anywhere.
        var drawn = torch.tensor(values).reshape(shape).clone().to(device);
        drawn = channelsLast ? drawn.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : drawn;
        return drawn.requires_grad_();
    }
}

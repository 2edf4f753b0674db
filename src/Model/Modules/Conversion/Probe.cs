using Lcnn.Distributed.Model.Native;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Modules.Conversion;

/// <summary>One forward pass in evaluation mode, on an image of zeros, to see which convolution stands before which batch norm.</summary>
internal static class Probe
{
    /// <summary>The shape of a batch of one, which the network takes as it is.</summary>
    /// <exception cref="ArgumentException">It does not, or that is no shape of images.</exception>
    public static long[]? Check(nn.Module network, IReadOnlyList<int>? imageShape)
    {
        switch (imageShape)
        {
            case null:
                return null;
            case { Count: not 3 } or [<= 0, ..] or [_, <= 0, _] or [.., <= 0]:
                throw new ArgumentException($"an image shape is [channels, rows, columns], all positive; got [{string.Join(", ", imageShape)}]", nameof(imageShape));
        }

        var images = network as Module<Tensor, Tensor>
            ?? throw new ArgumentException($"an image shape needs a Module<Tensor, Tensor>, and {network.GetType().Name} is none: leave it out", nameof(imageShape));
        long[] shape = [1, .. imageShape.Select(size => (long)size)];
        try
        {
            Run(images, shape);
            return shape;
        }
        catch (Exception refused) when (refused is ArgumentException || LibtorchException.IsRaw(refused))
        {
            var reason = LibtorchException.IsRaw(refused) ? LibtorchException.At("its forward pass", refused).Message : refused.Message;
            throw new ArgumentException($"{network.GetType().Name} does not take images of [{string.Join(", ", imageShape)}]: {reason}", nameof(imageShape), refused);
        }
    }

    /// <summary>The convolution whose output each batch norm gets.</summary>
    public static Dictionary<LipschitzBatchNorm2d, SpectralConv2d> SourcesOf(Module<Tensor, Tensor> network, long[] shape, IReadOnlyList<nn.Module> modules)
    {
        var outputs = new Dictionary<Tensor, SpectralConv2d>(ReferenceEqualityComparer.Instance);
        var sources = new Dictionary<LipschitzBatchNorm2d, SpectralConv2d>();
        using var scope = NewDisposeScope();
        foreach (var conv in modules.OfType<SpectralConv2d>())
        {
            conv.Convolved = output => outputs[output] = conv;
        }

        foreach (var norm in modules.OfType<LipschitzBatchNorm2d>())
        {
            norm.Reached = input => Pair(norm, input);
        }

        try
        {
            Run(network, shape);
        }
        finally
        {
            modules.OfType<SpectralConv2d>().ToList().ForEach(conv => conv.Convolved = null);
            modules.OfType<LipschitzBatchNorm2d>().ToList().ForEach(norm => norm.Reached = null);
        }

        return sources;

        void Pair(LipschitzBatchNorm2d norm, Tensor input)
        {
            if (outputs.TryGetValue(input, out var conv))
            {
                sources.TryAdd(norm, conv);
            }
        }
    }

    private static void Run(Module<Tensor, Tensor> network, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var mode = ModuleTree.Evaluating(network);
        using var _ = no_grad();
        var any = network.parameters().FirstOrDefault();
        network.call(zeros(shape, dtype: any?.dtype, device: any?.device));
    }
}

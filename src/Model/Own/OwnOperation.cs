using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Own;

/// <summary>An operation of a program's own as the network runs it: shapes and gradients are held to what the kind declared, and errors name the layer.</summary>
internal sealed class OwnOperation(OwnLayer layer, IReadOnlyList<Tensor> parameters) : Operation
{
    private Operation? _inner;

    private Operation Inner => _inner ?? throw new InvalidOperationException("no forward pass was made");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => In("forward pass", x, layer.Output, () =>
    {
        _inner = layer.Kind.CreateOperation(layer, parameters);
        return _inner.Forward(x);
    });

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g) => In("backward pass to its input", g, layer.Input, () => Inner.BackwardToInput(g));

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h) => In("adjoint of the backward pass", h, layer.Output, () => Inner.Adjoint(h));

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients) => In("backward pass", g, layer.Input, () =>
    {
        var slope = Inner.Backward(g, gradients) ?? throw Broken("backward pass", "gave no slope of its input");
        if (gradients is not null)
        {
            CheckGradients(gradients, g);
        }

        return slope;
    });

    /// <inheritdoc/>
    public override void Dispose()
    {
        _inner?.Dispose();
        base.Dispose();
    }

    private Tensor In(string pass, Tensor given, SampleShape expected, Func<Tensor> work)
    {
        try
        {
            var result = work();
            if (!result.shape.SequenceEqual(expected.Of(given.shape[0])) || result.dtype != given.dtype)
            {
                throw Broken(pass, $"expected [{string.Join(", ", expected.Of(given.shape[0]))}] of {given.dtype}, as declared, got [{string.Join(", ", result.shape)}] of {result.dtype}");
            }

            return TensorLayout.InKernelOrder(ReferenceEquals(result, given) ? result.clone() : result);
        }
        catch (Exception exception) when (LibtorchException.IsRaw(exception))
        {
            throw LibtorchException.At($"the {pass} at layer '{layer.Path}' ({layer.Kind.Name})", exception);
        }
        catch (Exception exception) when (exception is not (OwnOperationException or OperationCanceledException))
        {
            throw Broken(pass, $"{exception.GetType().Name}: {exception.Message}", exception);
        }
    }

    // Buffers need none: nothing is done with what is added for them.
    private void CheckGradients(ParameterGradients gradients, Tensor like)
    {
        for (var parameter = 0; parameter < layer.Parameters.Count; parameter++)
        {
            var (declared, given) = (layer.Parameters[parameter], gradients.Of(layer, parameter));
            if (given is null && declared.Learns)
            {
                throw Broken("backward pass", $"gave no gradient of '{declared.Name}'");
            }

            if (given is null)
            {
                gradients.Add(layer, parameter, zeros([.. declared.Shape], dtype: like.dtype, device: like.device));
            }
            else if (!given.shape.SequenceEqual(declared.Shape) || given.dtype != like.dtype)
            {
                throw Broken("backward pass", $"expected a gradient of '{declared.Name}' of [{string.Join(", ", declared.Shape)}], got [{string.Join(", ", given.shape)}] of {given.dtype}");
            }
        }
    }

    private OwnOperationException Broken(string pass, string problem, Exception? inner = null) =>
        new($"layer '{layer.Path}' ({layer.Kind.Name}), {pass}: {problem}", inner);
}

using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>A network with its weights, its data set's normalisation folded in: attacks move pixels.</summary>
internal sealed class NetworkClassifier : Classifier, IDisposable
{
    private readonly Network _network;
    private readonly EffectiveParameters _parameters;
    private readonly Tensor? _slope_C11;
    private readonly Tensor? _shift_C11;

    /// <param name="layers">Evaluation parameters of every layer; they stay the caller's.</param>
    /// <param name="normalization">What makes the network's input of pixels; null for none.</param>
    public NetworkClassifier(Network network, IReadOnlyList<PreparedLayer> layers, PixelNormalization? normalization = null)
    {
        _network = network;
        _parameters = new EffectiveParameters(layers, Normalization.Running) { ReachesImages = true };
        if (normalization is not null)
        {
            var dtype = layers[0].Effective[0].dtype;
            Tensor OfChannels(Func<int, float> value) => tensor(Enumerable.Range(0, network.Input.Channels).Select(value).ToArray())
                .to(dtype).to(layers[0].Device.ToTorch()).view(-1, 1, 1).DetachFromDisposeScope();
            _shift_C11 = OfChannels(channel => normalization.Apply(0, channel));
            _slope_C11 = OfChannels(channel => normalization.Apply(1, channel) - normalization.Apply(0, channel));
        }
    }

    /// <summary>The pixels of what a data set gives.</summary>
    public Tensor Pixels(Tensor normalized_BCHW) => _slope_C11 is null ? normalized_BCHW : (normalized_BCHW - _shift_C11!) / _slope_C11;

    /// <inheritdoc/>
    public override Tensor Logits(Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return InScope(scope, _network.Forward(InputOf(x_BCHW), _parameters));
    }

    /// <inheritdoc/>
    public override LossSlope Differentiate(Tensor x_BCHW, AttackLoss loss)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var tape = new Tape(_network, _parameters);
        var input = InputOf(x_BCHW);
        var logits_BK = tape.Run(Pass.Forward, input)!;
        var (loss_B, slope_BK) = SlopeOf(logits_BK, loss);
        using var raw_BCHW = tape.Run(Pass.BackwardToInput, slope_BK)!;
        var gradient_BCHW = _slope_C11 is null ? raw_BCHW.clone() : raw_BCHW * _slope_C11;
        return new LossSlope(InScope(scope, logits_BK), loss_B.MoveToOuterDisposeScope(), gradient_BCHW.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parameters.Dispose();
        _slope_C11?.Dispose();
        _shift_C11?.Dispose();
    }

    private Tensor InputOf(Tensor x_BCHW) => TensorLayout.ForKernels(_slope_C11 is null ? x_BCHW : (x_BCHW * _slope_C11).Plus(_shift_C11!));

    // The tape's results are in no scope at all.
    private static Tensor InScope(TorchSharp.DisposeScope scope, Tensor free)
    {
        scope.Attach(free);
        return free.MoveToOuterDisposeScope();
    }
}

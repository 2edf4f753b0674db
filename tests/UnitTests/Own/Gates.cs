using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Networks;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Own;

/// <summary>A kind that one graph can compute as well.</summary>
internal interface IInGraph
{
    Tensor InGraph(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters);
}

/// <summary>y = x tanh(a x + s) with a learnt a channel and a fixed s, its derivatives left to libtorch.</summary>
internal sealed class ForwardGate : ForwardLayerKind, IInGraph
{
    public override string Name => "gate";

    public override IReadOnlyList<ElementArgument> Arguments => [new("start", ArgumentType.Number, "What a begins with.") { Default = "0.5", IsOptional = true, Minimum = -10, Maximum = 10 }];

    public static IReadOnlyList<LayerParameter> Parameters(SampleShape input, PlannedLayer arguments) =>
    [
        LayerParameter.Constant("slope", arguments.Number("start")!.Value, input.Channels),
        LayerParameter.Uniform("shift", 0.5, input.Channels) with { Learns = false },
    ];

    public static Tensor Sized(Tensor of_C, Tensor like) => like.dim() == 4 ? of_C.view(1, -1, 1, 1) : of_C.view(1, -1);

    public override SampleShape OutputOf(SampleShape input, PlannedLayer arguments) => input;

    public override IReadOnlyList<LayerParameter> ParametersOf(SampleShape input, PlannedLayer arguments) => Parameters(input, arguments);

    public override Tensor Forward(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters) => x * (Sized(parameters[0], x) * x).Plus(Sized(parameters[1], x)).tanh();

    public Tensor InGraph(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters) => Forward(x, layer, parameters);
}

/// <summary>The same with its four passes written.</summary>
internal sealed class WrittenGate : OwnLayerKind, IInGraph
{
    /// <summary>What a mistaken author would have left out of the second derivative.</summary>
    public bool ForgetsSecond { get; init; }

    /// <summary>Whether no gradient of a parameter is added.</summary>
    public bool ForgetsGradient { get; init; }

    public override string Name => "writtenGate";

    public override IReadOnlyList<ElementArgument> Arguments => new ForwardGate().Arguments;

    public override SampleShape OutputOf(SampleShape input, PlannedLayer arguments) => input;

    public override IReadOnlyList<LayerParameter> ParametersOf(SampleShape input, PlannedLayer arguments) => ForwardGate.Parameters(input, arguments);

    public override Operation CreateOperation(OwnLayer layer, IReadOnlyList<Tensor> parameters) => new Passes(this, layer, parameters);

    public Tensor InGraph(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters) => new ForwardGate().Forward(x, layer, parameters);

    private sealed class Passes(WrittenGate kind, OwnLayer layer, IReadOnlyList<Tensor> parameters) : Operation
    {
        private Tensor? _x, _tanh, _g, _second, _secondOfSlope;

        private Tensor A => ForwardGate.Sized(parameters[0], _x!);

        private Tensor Curve => (_tanh! * _tanh!).neg().Plus(1);

        private Tensor Bend => (A * _x! * _tanh!).neg().Plus(1);

        private Tensor Slope => _tanh!.Plus(A * _x! * Curve);

        public override Tensor Forward(Tensor x)
        {
            using var _ = no_grad();
            _x = KeepAlias(x);
            _tanh = Keep((A * x).Plus(ForwardGate.Sized(parameters[1], x)).tanh());
            return x * _tanh;
        }

        public override Tensor BackwardToInput(Tensor g)
        {
            using var _ = no_grad();
            _g = KeepAlias(g);
            return g * Slope;
        }

        public override Tensor Adjoint(Tensor h)
        {
            using var _ = no_grad();
            var both = h * _g! * Curve;
            Replace(ref _second, kind.ForgetsSecond ? both.zeros_like() : both.Times(2) * A * Bend);
            Replace(ref _secondOfSlope, OfChannels(both.Times(2) * _x! * Bend));
            return h * Slope;
        }

        public override Tensor Backward(Tensor g, ParameterGradients? gradients)
        {
            using var _ = no_grad();
            if (gradients is not null && !kind.ForgetsGradient)
            {
                var plain = OfChannels(g * _x! * _x! * Curve);
                gradients.Add(layer, 0, _secondOfSlope is null ? plain : plain.Plus(_secondOfSlope));
            }

            return _second is null ? g * Slope : (g * Slope).Plus(_second);
        }

        private static Tensor OfChannels(Tensor t) => t.dim() == 4 ? t.sum([0L, 2L, 3L]) : t.sum([0L]);
    }
}

/// <summary>Images to rows of their channels' means and mean squares: another shape, and no parameters.</summary>
internal sealed class Moments : ForwardLayerKind, IInGraph
{
    public override string Name => "moments";

    public override SampleShape OutputOf(SampleShape input, PlannedLayer arguments) =>
        input.IsRow ? throw new ArgumentException($"expected images, got {input}; put it before 'flatten'") : SampleShape.Row(2 * input.Channels);

    public override Tensor Forward(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters) => cat([x.mean([2L, 3L]), (x * x).mean([2L, 3L])], 1);

    public Tensor InGraph(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters) => Forward(x, layer, parameters);
}

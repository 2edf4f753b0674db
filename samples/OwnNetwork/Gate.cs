using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Networks;
using static TorchSharp.torch;

namespace OwnNetwork;

/// <summary>An operation: y = x tanh(a x) with one learnable a a channel. Only the forward pass is written; libtorch finds both derivatives.</summary>
internal sealed class Gate : ForwardLayerKind
{
    public override string Name => "gate";

    public override IReadOnlyList<ElementArgument> Arguments =>
        [new("start", ArgumentType.Number, "What a begins with.") { Default = "1", IsOptional = true, Minimum = 0, Maximum = 10 }];

    public override SampleShape OutputOf(SampleShape input, PlannedLayer arguments) =>
        input.IsRow ? throw new ArgumentException($"expected images, got {input}; put it before 'flatten'") : input;

    public override IReadOnlyList<LayerParameter> ParametersOf(SampleShape input, PlannedLayer arguments) =>
        [LayerParameter.Constant("slope", arguments.Number("start")!.Value, input.Channels)];

    public override Tensor Forward(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters) => x * (parameters[0].view(1, -1, 1, 1) * x).tanh();
}

using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Networks;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Own;

public sealed class OperationCheckTests
{
    public static TheoryData<OwnLayerKind, SampleShape> Right { get; } = new()
    {
        { new ForwardGate(), SampleShape.Image(3, 4, 5) }, { new ForwardGate(), SampleShape.Row(6) },
        { new WrittenGate(), SampleShape.Image(3, 4, 5) }, { new WrittenGate(), SampleShape.Row(6) }, { new Moments(), SampleShape.Image(3, 4, 5) },
        { new LinearKind(), SampleShape.Row(5) }, { new ConstantKind(), SampleShape.Image(1, 2, 2) },
    };

    [Theory]
    [MemberData(nameof(Right))]
    public void Verify_PassesThatAreRight_Accepts(OwnLayerKind kind, SampleShape input) => OperationCheck.Verify(kind, input);

    [Fact]
    public void Verify_ASecondDerivativeLeftOut_NamesThePassAndBothNumbers()
    {
        var wrong = Assert.Throws<OwnOperationException>(() => OperationCheck.Verify(new WrittenGate { ForgetsSecond = true }, SampleShape.Image(2, 3, 3), [("start", 0.7)]));

        Assert.Matches("^operation 'writtenGate' on images of 2x3x3, the backward pass after the adjoint: expected [-0-9.E]+ along a direction, the difference quotient, got [-0-9.E]+$", wrong.Message);
    }

    [Fact]
    public void Verify_NoGradientOfAParameter_NamesIt()
    {
        var wrong = Assert.Throws<OwnOperationException>(() => OperationCheck.Verify(new WrittenGate { ForgetsGradient = true }, SampleShape.Row(3)));

        Assert.Equal("layer '0' (writtenGate), backward pass: gave no gradient of 'slope'", wrong.Message);
    }

    [Fact]
    public void Verify_AnotherShapeThanDeclared_NamesBoth()
    {
        var wrong = Assert.Throws<OwnOperationException>(() => OperationCheck.Verify(new MisdeclaredKind(), SampleShape.Row(4)));

        Assert.Equal("layer '0' (misdeclared), forward pass: expected [3, 4] of Float64, as declared, got [3, 8] of Float64", wrong.Message);
    }

    [Fact]
    public void Verify_CodeThatThrows_NamesLayerPassAndWhatItSaid()
    {
        var thrown = Assert.Throws<OwnOperationException>(() => OperationCheck.Verify(new ThrowingKind(), SampleShape.Row(4)));

        Assert.Equal("layer '0' (throwing), forward pass: KeyNotFoundException: no such thing", thrown.Message);
        Assert.Throws<ArgumentException>(() => OperationCheck.Verify(new ForwardGate(), SampleShape.Row(4), [("strat", 1)]));
    }

    private sealed class LinearKind : ForwardLayerKind
    {
        public override string Name => "doubled";

        public override SampleShape OutputOf(SampleShape input, PlannedLayer arguments) => input;

        public override Tensor Forward(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters) => x.Plus(x);
    }

    private sealed class ConstantKind : ForwardLayerKind
    {
        public override string Name => "ones";

        public override SampleShape OutputOf(SampleShape input, PlannedLayer arguments) => input;

        public override Tensor Forward(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters) => ones_like(x);
    }

    private sealed class MisdeclaredKind : ForwardLayerKind
    {
        public override string Name => "misdeclared";

        public override SampleShape OutputOf(SampleShape input, PlannedLayer arguments) => input;

        public override Tensor Forward(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters) => cat([x, x], 1);
    }

    private sealed class ThrowingKind : OwnLayerKind
    {
        public override string Name => "throwing";

        public override SampleShape OutputOf(SampleShape input, PlannedLayer arguments) => input;

        public override Operation CreateOperation(OwnLayer layer, IReadOnlyList<Tensor> parameters) => throw new KeyNotFoundException("no such thing");
    }
}

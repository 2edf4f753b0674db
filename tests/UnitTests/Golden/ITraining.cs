using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>A network in training, in either form.</summary>
internal interface ITraining : IDisposable
{
    IReadOnlyList<LayerState> States { get; }

    /// <summary>One power iteration, then the loss and the gradients of the raw parameters by key.</summary>
    (StepTerms Terms, IReadOnlyDictionary<string, Tensor> Gradients) Differentiate(Tensor x_BCHW, Tensor y_B);

    /// <summary>One step of SGD; the terms are those before it.</summary>
    StepTerms Step(Tensor x_BCHW, Tensor y_B, StepOptions options);

    /// <summary>Logits by running statistics.</summary>
    Tensor Evaluate(Tensor x_BCHW);

    /// <summary>Logits by the batch's statistics, after one power iteration.</summary>
    Tensor Train(Tensor x_BCHW);
}

using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Takes a tape through one pass: what it gives to the sums over all shards, halt by halt; the totals are there when it is asked for the next.</summary>
/// <param name="input">What the pass begins with; stays the caller's, who keeps it until the pass is through.</param>
/// <param name="gradients">Takes the gradients of parameters in the last pass.</param>
/// <param name="passed">Called with the number of every node that is done.</param>
internal delegate IEnumerable<NormShare[]> PassRun(Tape tape, Pass pass, Tensor input, ParameterGradients? gradients = null, Action<int>? passed = null);

using Lcnn.Distributed.Model.Diagnostics;
using TorchSharp;

namespace Lcnn.Distributed.UnitTests.Diagnostics;

/// <summary>Counts tensors of the whole process, so that nothing may run beside it.</summary>
[CollectionDefinition(nameof(NumericalFingerprintLeakTests), DisableParallelization = true)]
[Collection(nameof(NumericalFingerprintLeakTests))]
public sealed class NumericalFingerprintLeakTests
{
    [Fact]
    public void Measure_Done_LeavesNoTensorAndNoThreadSetting()
    {
        NumericalFingerprint.Measure("cpu");
        var tensorCount = torch.Tensor.TotalCount;
        var threadCount = torch.get_num_threads();

        NumericalFingerprint.Measure("cpu");

        Assert.Equal(tensorCount, torch.Tensor.TotalCount);
        Assert.Equal(threadCount, torch.get_num_threads());
    }
}

using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Model.Prediction;
using Lcnn.Distributed.Networks;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.UnitTests.Client;

namespace Lcnn.Distributed.UnitTests.Own;

public sealed class PublicProgramTests
{
    /// <summary>What programs of one's own are written against: operations, descriptions in C#, a silo's host, and models that are asked.</summary>
    [Fact]
    public void PublicApi_OfPrograms_IsTheApprovedOne() => ApprovedApi.Check(
        "Own/PublicApi.txt",
        [
            .. typeof(OwnLayerKind).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(OwnLayerKind).Namespace || type.Namespace == typeof(ImageModel).Namespace),
            typeof(Operation), typeof(ParameterGradients), typeof(NetworkLayers), typeof(Size), typeof(ElementKinds), typeof(LcnnSiloBuilder), typeof(SiloHostExtensions), typeof(SiloApplication),
        ]);
}

using Lcnn.Distributed.Model.Modules;
using Lcnn.Distributed.UnitTests.Client;

namespace Lcnn.Distributed.UnitTests.Modules;

public sealed class PublicModulesTests
{
    /// <summary>What the package promises; what else is public in its assembly is the engine's own.</summary>
    [Fact]
    public void PublicApi_OfTheModules_IsTheApprovedOne() => ApprovedApi.Check(
        "Modules/PublicApi.txt",
        [.. typeof(CenteredSoftplus).Assembly.GetExportedTypes().Where(type => type.Namespace!.StartsWith(typeof(CenteredSoftplus).Namespace!, StringComparison.Ordinal))]);
}

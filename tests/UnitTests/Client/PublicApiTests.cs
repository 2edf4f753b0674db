using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.UnitTests.Client;

public sealed class PublicApiTests
{
    /// <summary>What the package promises; a change here is a change for its users and belongs into the changelog.</summary>
    [Fact]
    public void PublicApi_OfTheClient_IsTheApprovedOne() => ApprovedApi.Check("Client/PublicApi.txt", typeof(LcnnClient).Assembly.GetExportedTypes());
}

using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>Says of an endpoint that it is one of the API.</summary>
/// <param name="Role">The least role of its callers; none for everybody.</param>
/// <param name="IsStream">Whether it goes on for as long as its caller listens.</param>
internal sealed record ApiEndpoint(Role Role, bool IsStream = false);

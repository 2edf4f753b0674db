namespace Lcnn.Distributed.ClusterTests;

/// <summary>Tests that train on clusters of their own. Tests on the common one count the tensors of the process: nothing runs beside these.</summary>
[CollectionDefinition(nameof(OwnTraining), DisableParallelization = true)]
public sealed class OwnTraining;

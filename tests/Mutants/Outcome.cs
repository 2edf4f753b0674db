namespace Lcnn.Distributed.Mutants;

/// <summary>What the tests made of a mutant.</summary>
internal enum Outcome
{
    /// <summary>A test failed, or did not end.</summary>
    Killed,

    /// <summary>Tests ran the changed code and all passed.</summary>
    Survived,

    /// <summary>No test ran the changed code.</summary>
    NotReached,
}

namespace Lcnn.Distributed.Model.Native;

/// <summary>libtorch cannot be loaded: which file, what the loader said, and what to do about it.</summary>
public sealed class NativeLibraryException : Exception
{
    public NativeLibraryException(string file, string problem, string cure, Exception? innerException = null)
        : base($"libtorch cannot be loaded: {file}: {problem}{Environment.NewLine}What to do: {cure}", innerException)
    {
        File = file;
        Problem = problem;
        Cure = cure;
    }

    /// <summary>The library that is missing or refused.</summary>
    public string File { get; }

    /// <summary>What is wrong with it, in the loader's words where it had any.</summary>
    public string Problem { get; }

    /// <summary>What the user can do.</summary>
    public string Cure { get; }
}

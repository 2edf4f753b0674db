using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>What goes wrong when a model is read and asked, in a command's words.</summary>
internal static class ModelErrors
{
    /// <summary>Bad input, or work that failed; null for any other exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="remedy">What helps where memory ran out.</param>
    public static Exception? Of(Exception exception, string remedy) => exception switch
    {
        // People know options, not the names of parameters.
        ArgumentException { ParamName: { } name } => new BadInputException(exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)),
        CheckpointException or DataFileException or NativeLibraryException or ArgumentException => new BadInputException(exception.Message),
        LibtorchException refused => new OperationFailedException($"{refused.Message}{(refused.IsOutOfMemory ? $"; {remedy}" : "")}", refused),
        _ => null,
    };
}

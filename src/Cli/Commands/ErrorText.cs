using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Contracts.Sweeps;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>What a user reads about an exception.</summary>
internal static class ErrorText
{
    /// <summary>An unforeseen error in one line.</summary>
    public static string Describe(Exception exception)
    {
        var cause = exception is AggregateException { InnerExceptions: [var inner] } ? inner : exception;
        var message = cause.Message.ReplaceLineEndings(" ").Trim();
        return IsBadInput(cause) || cause is ClusterUnreachableException or StoreAwayException or StoreRefusedException or OperationFailedException or OptionsValidationException or SnapshotDamagedException or RunFolderNotFoundException or AccessDeniedException or TlsFilesException ? message : $"{message} ({cause.GetType().Name}; run with LCNN_DEBUG=1 for details)";
    }

    /// <summary>Whether the user has to change an argument or a file.</summary>
    public static bool IsBadInput(Exception exception) =>
        exception is BadInputException or PathTooLongException or RunNotFoundException or SnapshotNotFoundException or SweepNotFoundException or SweepExistsException or InvalidSpecException;
}

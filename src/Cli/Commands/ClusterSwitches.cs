using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Which cluster a command talks to, and what it shows to get in.</summary>
/// <param name="otherwise">What the command does where no cluster is named.</param>
internal sealed class ClusterSwitches(string otherwise)
{
    public const string TlsName = "--tls";
    public const string TlsVariable = "LCNN_TLS";
    public const string TokenVariable = "LCNN_TOKEN";

    public Option<string> Cluster { get; } = ClusterOption.Create(otherwise);
    public Option<string> Tls { get; } = CommonOptions.Value(TlsName, "folder",
        $"For a cluster with certificates: folder with tls.crt, tls.key and ca.crt, with a token ca.crt alone. Default: {TlsVariable}, else none");
    public Option<string> TokenFile { get; } = CommonOptions.Value("--token-file", "file",
        $"File with a secret that the cluster takes in place of a certificate. Default: the secret in {TokenVariable}, else none");

    /// <summary>All of them, in the order of the help text.</summary>
    public IEnumerable<Option> All => [Cluster, Tls, TokenFile];

    /// <summary>The cluster asked for; null when there is none, or none that can be read.</summary>
    public RunPlace.Cluster? Find(ArgumentReader reader, CliServices services) => Read(reader, otherwise: null, services);

    /// <summary>As <see cref="Find"/>; on this machine when there is none.</summary>
    public RunPlace.Cluster Place(ArgumentReader reader, CliServices services) =>
        Read(reader, ClusterAddress.Localhost(), services)!;

    /// <summary>The folder with certificates, or null.</summary>
    public static string? ReadTls(ArgumentReader reader, Option<string> option, CliServices services) =>
        reader.IsGiven(option) ? reader.ExistingFolder(option, services.WorkingDirectory)
        : services.Variable(TlsVariable) is { Length: > 0 } folder ? Path.GetFullPath(HomeFolder.Expand(folder), services.WorkingDirectory)
        : null;

    private RunPlace.Cluster? Read(ArgumentReader reader, ClusterAddress? otherwise, CliServices services)
    {
        var access = ReadAccess(reader, services);
        return (ClusterOption.Read(reader, Cluster, services) ?? otherwise) is { } address ? new RunPlace.Cluster(address) { Access = access } : null;
    }

    private ClusterAccess ReadAccess(ArgumentReader reader, CliServices services) =>
        new(ReadTls(reader, Tls, services), reader.IsGiven(TokenFile) ? ReadToken(reader, services) : services.Variable(TokenVariable) is { Length: > 0 } token ? token.Trim() : null);

    private string? ReadToken(ArgumentReader reader, CliServices services)
    {
        if (reader.Text(TokenFile) is not { Length: > 0 } file)
        {
            return null;
        }

        try
        {
            var path = Path.GetFullPath(file, services.WorkingDirectory);
            if (File.ReadAllText(path).Trim() is { Length: > 0 } token && !token.Any(char.IsWhiteSpace))
            {
                return token;
            }

            reader.Add(TokenFile, $"expected one secret in '{path}', and nothing else");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            reader.Add(TokenFile, exception.Message);
        }

        return null;
    }
}

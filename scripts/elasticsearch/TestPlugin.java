package fleetwall;

import java.util.List;
import java.util.Map;
import java.util.function.*;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.*;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.*;
import org.elasticsearch.rest.*;

/**
 * What the distribution on Maven Central leaves out and Fleetwall's tests need: `GET /` with the version, and the
 * analysis parts that the index of API keys is made with. SIGNATURE differs between the releases.
 */
public class TestPlugin extends Plugin implements ActionPlugin, AnalysisPlugin {
  interface Filter {
    TokenStream apply(TokenStream in, Settings settings);
  }

  static AnalysisProvider<TokenFilterFactory> provide(Filter filter) {
    return (index, environment, name, settings) -> new TokenFilterFactory() {
      @Override public String name() { return name; }
      @Override public TokenStream create(TokenStream in) { return filter.apply(in, settings); }
    };
  }

  @Override public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
        "pattern_capture", provide((in, settings) -> new PatternCaptureGroupTokenFilter(
            in, settings.getAsBoolean("preserve_original", true),
            settings.getAsList("patterns").stream().map(java.util.regex.Pattern::compile)
                .toArray(java.util.regex.Pattern[]::new))),
        "unique", provide((in, settings) -> new RemoveDuplicatesTokenFilter(in)));
  }

  @Override public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of("uax_url_email", (index, environment, name, settings) ->
        TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new));
  }

  @Override public List<RestHandler> getRestHandlers(SIGNATURE) {
    return List.of(new Root());
  }

  static class Root extends BaseRestHandler {
    @Override public String getName() { return "fleetwall_root"; }

    @Override public List<Route> routes() {
      return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
    }

    @Override protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
      request.param("pretty");
      String version = Build.current().version().replace("-SNAPSHOT", "");
      String body = "{\"name\":\"test\",\"cluster_name\":\"fleetwall\",\"version\":{\"number\":\"" + version
          + "\"},\"tagline\":\"You Know, for Search\"}";
      return channel -> channel.sendResponse(new RestResponse(RestStatus.OK, "application/json", body));
    }
  }
}
